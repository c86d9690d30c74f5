import Glibc

/// The server's `--data` directory, as far as the ledger uses it.
struct LedgerDirectory {
  let path: String
  var database: String { path + "/ledger.db" }
  var lockFile: String { path + "/ledger.lock" }

  /// Creates the directory with mode 0700 when it is missing and `createIfMissing` holds; else the ledger has to be
  /// there already.
  init(path: String, createIfMissing: Bool) throws(LedgerError) {
    self.path = path
    guard createIfMissing else {
      guard access(path + "/ledger.db", F_OK) == 0 else {
        throw LedgerError(.unusable, "no ledger in \(path): name the server's --data directory")
      }
      return
    }
    if mkdir(path, 0o700) != 0, errno != EEXIST {
      throw LedgerError(.unusable, "cannot create the directory \(path): \(String(cString: strerror(errno)))")
    }
  }

  /// Makes the names of new files durable, the directory's own included.
  func synchronize() throws(LedgerError) {
    for directory in [path, path + "/.."] {
      let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      defer { if descriptor >= 0 { close(descriptor) } }
      // A parent that this user may not open was there before.
      guard descriptor >= 0 || directory != path, descriptor < 0 || fsync(descriptor) == 0 else {
        throw LedgerError(.unusable, "cannot write \(path) to disk: \(String(cString: strerror(errno)))")
      }
    }
  }
}
