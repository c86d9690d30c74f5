import Glibc

/// The server's `--data` directory.
struct DataDirectory {
  let path: String
  /// Path of the database in it.
  var database: String { path + "/secrets.db" }

  /// Creates the directory with mode 0700 when it is missing and `createIfMissing` holds; else the database has to
  /// be there already.
  init(path: String, createIfMissing: Bool) throws(LocalStoreError) {
    self.path = path
    var status = stat()
    guard createIfMissing else {
      guard stat(path + "/secrets.db", &status) == 0 else {
        throw LocalStoreError(.directory, "no database in \(path): name the server's --data directory")
      }
      return
    }
    if mkdir(path, 0o700) == 0 {
      // The new name has to outlive a crash as well.
      try? Self.synchronize(path + "/..")
    } else if errno != EEXIST {
      throw LocalStoreError(.directory, "cannot create the directory \(path): \(systemReason())")
    }
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw LocalStoreError(.directory, "\(path) is not a directory: name another one")
    }
  }

  /// Makes the names of new files durable.
  func synchronize() throws(LocalStoreError) { try Self.synchronize(path) }

  private static func synchronize(_ path: String) throws(LocalStoreError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw LocalStoreError(.directory, "cannot open the directory \(path): \(systemReason())")
    }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw LocalStoreError(.directory, "cannot write the directory \(path) to disk: \(systemReason())")
    }
  }
}

/// The last system call's error in words.
func systemReason() -> String { String(cString: strerror(errno)) }
