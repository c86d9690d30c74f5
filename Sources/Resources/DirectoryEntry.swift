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
  /// What the path leads to is the same object when these are equal.
  var identity: FileIdentity

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
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if !name.hasPrefix(".") { names.append((name, entry.pointee.d_type)) }
    }
    if errno != 0 { throw SystemError(errno) }
    names.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    let parent = directory.hasSuffix("/") ? directory : directory + "/"
    return names.map { DirectoryEntry(path: parent + $0.name, type: Int($0.type)) }
  }

  /// Looks at `path`, following links.
  init(path: String) { self.init(path: path, type: DT_UNKNOWN) }

  private init(path: String, type: Int) {
    self.path = path
    var status = stat()
    let isFound = stat(path, &status) == 0
    switch isFound ? status.st_mode & S_IFMT : 0 {
    case S_IFDIR: kind = .directory
    case S_IFREG: kind = .file
    default: kind = .other
    }
    isLink = type == DT_LNK
    identity = FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
  }
}

/// What tells one file or directory from every other on the machine.
struct FileIdentity: Hashable {
  var device: UInt64
  var inode: UInt64
}

/// An error number of the operating system.
struct SystemError: Error, CustomStringConvertible {
  var number: Int32
  init(_ number: Int32) { self.number = number }

  /// For example `Permission denied`.
  var description: String { String(cString: strerror(number)) }
}
