import Glibc

/// The directories that files are written to.
public enum FileDirectory {
  /// The directory of the file at `path`, which is absolute.
  static func of(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
  }

  /// Creates what is missing above the file at `path`; what exists is left as it is.
  public static func create(for path: String, _ attributes: FileAttributes) throws(InjectionError) {
    var built = ""
    for part in of(path).split(separator: "/") {
      built += "/\(part)"
      if mkdir(built, 0o700) == 0 {
        let directory = open(built, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard directory >= 0 else { throw .system("write \(path)") }
        defer { close(directory) }
        var own = attributes
        own.mode = attributes.directoryMode
        try own.apply(to: directory, path: built)
      } else if errno != EEXIST && access(built, X_OK) != 0 {
        throw .system("write \(path)")
      }
    }
  }

  /// Has the names in `path` survive a crash of the system.
  static func sync(_ path: String) {
    let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { return }
    fsync(directory)
    close(directory)
  }
}
