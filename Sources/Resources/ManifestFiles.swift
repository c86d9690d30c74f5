import Glibc

/// Finds and reads the manifest files below a directory.
struct ManifestFiles {
  /// How deep directories may stand inside each other.
  static let maximumDepth = 32
  private static let extensions = [".yaml", ".yml", ".json"]

  /// Whether a file of this name is a manifest.
  static func isManifest(_ path: String) -> Bool { extensions.contains { path.hasSuffix($0) } }

  /// The names of manifest files in the order of reading; several may lead to one file.
  private(set) var paths: [String] = []
  private var seen: Set<FileIdentity> = []
  private let report: ManifestReport
  /// Whether everybody on the machine may read the file that was read last.
  private(set) var isReadableByOthers = false

  /// Lists what is at `path`: a directory, or one manifest.
  init(at path: String, report: ManifestReport) {
    self.report = report
    let root = DirectoryEntry(path: path)
    switch root.kind {
    case .directory: visit(root, depth: 0)
    case .file: paths = [path]
    case .other: fault(path, "no such directory; give the directory that holds the manifests")
    }
  }

  private mutating func visit(_ directory: DirectoryEntry, depth: Int) {
    // A link may lead back up; each directory is read once.
    guard let identity = FileIdentity(path: directory.path) else {
      if Self.isManifest(directory.path) { fault(directory.path, Self.noFile) }
      return
    }
    guard seen.insert(identity).inserted else { return }
    guard depth <= Self.maximumDepth else {
      return fault(directory.path, "directories are nested more than \(Self.maximumDepth) deep; flatten them")
    }
    let entries: [DirectoryEntry]
    do throws(SystemError) {
      entries = try DirectoryEntry.list(directory.path)
    } catch {
      return fault(directory.path, "cannot be listed: \(error); let the server's user read it")
    }
    for entry in entries {
      switch entry.kind {
      case .directory: visit(entry, depth: depth + 1)
      case .file where Self.isManifest(entry.path):
        paths.append(entry.path)
      case .other where Self.isManifest(entry.path):
        fault(entry.path, Self.noFile)
      default: break
      }
    }
  }

  private func fault(_ path: String, _ message: String) {
    report.file = path
    report.error(0, message)
  }

  /// The bytes of the file at `path`, at most `limit` and one more, by which a file that is too large is known; nil
  /// when it was read by another name before, and when it cannot be read, which is reported.
  mutating func read(_ path: String, limit: Int) -> [UInt8]? {
    // Not blocking, should a pipe have taken the file's place.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      unopened(path, SystemError(errno))
      return nil
    }
    defer { close(descriptor) }
    do throws(SystemError) {
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { throw SystemError(errno) }
      guard seen.insert(FileIdentity(status)).inserted else { return nil }
      guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError(EINVAL) }
      isReadableByOthers = status.st_mode & S_IROTH != 0
      return try Self.bytes(of: descriptor, size: Int(status.st_size), limit: limit)
    } catch {
      fault(path, Self.unreadable(error))
      return nil
    }
  }

  private mutating func unopened(_ path: String, _ error: SystemError) {
    guard let identity = FileIdentity(path: path) else { return fault(path, Self.noFile) }
    if seen.insert(identity).inserted { fault(path, Self.unreadable(error)) }
  }

  private static let noFile = "is no file that can be read; remove it, or repair the link"

  private static func unreadable(_ error: SystemError) -> String {
    "cannot be read: \(error); let the server's user read it"
  }

  private static func bytes(of descriptor: Int32, size: Int, limit: Int) throws(SystemError) -> [UInt8] {
    var bytes = try filled(capacity: min(size, limit) + 1, enough: size, from: descriptor)
    // The file grew while it was read.
    while bytes.count > size && bytes.count <= limit {
      let capacity = min(65_536, limit + 1 - bytes.count)
      let more = try filled(capacity: capacity, enough: capacity, from: descriptor)
      if more.isEmpty { break }
      bytes += more
    }
    return bytes
  }

  /// Reads to the end, or up to `capacity`; a read that ends at just `enough` bytes met the end.
  private static func filled(capacity: Int, enough: Int, from descriptor: Int32) throws(SystemError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      while count < capacity {
        let received = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, capacity - count)
        if received < 0 && errno == EINTR { continue }
        if received < 0 { failure = errno }
        guard received > 0 else { return }
        count += received
        if count == enough { return }
      }
    }
    guard failure == 0 else { throw SystemError(failure) }
    return bytes
  }
}
