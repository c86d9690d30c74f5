import Glibc

/// Finds and reads the manifest files below a directory.
struct ManifestFiles {
  /// How deep directories may stand inside each other.
  static let maximumDepth = 32
  private static let extensions = [".yaml", ".yml", ".json"]

  /// Whether a file of this name is a manifest.
  static func isManifest(_ path: String) -> Bool { extensions.contains { path.hasSuffix($0) } }

  /// The manifest files in the order of reading, each file once however many links lead to it.
  private(set) var paths: [String] = []
  private var seen: Set<FileIdentity> = []
  private let report: ManifestReport

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
    guard seen.insert(directory.identity).inserted else { return }
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
        if seen.insert(entry.identity).inserted { paths.append(entry.path) }
      case .other where Self.isManifest(entry.path):
        fault(entry.path, "is no file that can be read; remove it, or repair the link")
      default: break
      }
    }
  }

  private func fault(_ path: String, _ message: String) {
    report.file = path
    report.error(0, message)
  }

  /// The bytes of the file at `path`, at most `limit` and one more, by which a file that is too large is known.
  static func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
    // Not blocking, should a pipe have taken the file's place.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw SystemError(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemError(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError(EINVAL) }

    var bytes = try Self.filled(capacity: min(Int(status.st_size), limit) + 1, from: descriptor)
    // The file grew while it was read.
    while bytes.count > Int(status.st_size) && bytes.count <= limit {
      let more = try Self.filled(capacity: min(65_536, limit + 1 - bytes.count), from: descriptor)
      if more.isEmpty { break }
      bytes += more
    }
    return bytes
  }

  private static func filled(capacity: Int, from descriptor: Int32) throws(SystemError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      while count < capacity {
        let received = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, capacity - count)
        if received < 0 && errno == EINTR { continue }
        if received < 0 { failure = errno }
        guard received > 0 else { return }
        count += received
      }
    }
    guard failure == 0 else { throw SystemError(failure) }
    return bytes
  }
}
