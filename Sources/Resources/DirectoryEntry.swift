import Glibc

/// One name in a directory, with what it leads to.
struct DirectoryEntry {
  /// What a name leads to, symbolic links followed.
  enum Kind {
    case directory
    case file
    /// A link to nothing, a pipe, a socket or a device.
    case other
  }

  /// The path: the directory's path, then the name.
  var path: String
  var kind: Kind
  var isLink: Bool

  /// The entries of `directory` that are not hidden, sorted by the bytes of their names.
  ///
  /// Hidden names are also the inside of a mounted ConfigMap (`..data`, `..2024_05_01_x`): its files are reached by
  /// the links beside them.
  static func list(_ directory: String) throws(SystemError) -> [DirectoryEntry] {
    guard let stream = opendir(directory) else { throw SystemError(errno) }
    defer { closedir(stream) }
    var names: [(name: String, type: UInt8)] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else { break }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { name in
        String(decoding: name[..<(name.firstIndex(of: 0) ?? name.endIndex)], as: UTF8.self)
      }
      if !name.utf8.starts(with: ".".utf8) { names.append((name, entry.pointee.d_type)) }
    }
    if errno != 0 { throw SystemError(errno) }
    names.sort { precedes($0.name, $1.name) }
    let parent = directory.hasSuffix("/") ? directory : directory + "/"
    return names.map { DirectoryEntry(path: parent + $0.name, type: Int($0.type)) }
  }

  /// Looks at `path`, following links.
  init(path: String) { self.init(path: path, type: DT_UNKNOWN) }

  private init(path: String, type: Int) {
    self.path = path
    isLink = type == DT_LNK
    // Most file systems name the type with the name: among many files a look at each would be felt.
    switch type {
    case DT_DIR: kind = .directory
    case DT_REG: kind = .file
    case DT_LNK, DT_UNKNOWN: kind = Self.kind(of: path)
    default: kind = .other
    }
  }

  private static func kind(of path: String) -> Kind {
    var status = stat()
    guard stat(path, &status) == 0 else { return .other }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: return .directory
    case S_IFREG: return .file
    default: return .other
    }
  }
}

private func precedes(_ left: String, _ right: String) -> Bool {
  left.utf8.span.bytes.withUnsafeBytes { left in
    right.utf8.span.bytes.withUnsafeBytes { right in
      guard let start = left.baseAddress, let other = right.baseAddress else { return left.count < right.count }
      let order = memcmp(start, other, min(left.count, right.count))
      return order == 0 ? left.count < right.count : order < 0
    }
  }
}

/// What tells one file or directory from every other on the machine.
struct FileIdentity: Hashable {
  var device: UInt64
  var inode: UInt64

  init(_ status: stat) {
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }

  /// Of what `path` leads to; nil when it leads to nothing.
  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }
}

/// An error number of the operating system.
struct SystemError: Error, CustomStringConvertible {
  var number: Int32
  init(_ number: Int32) { self.number = number }

  /// For example `Permission denied`.
  var description: String { String(cString: strerror(number)) }
}
