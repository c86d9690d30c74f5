import Glibc

/// Temporary files that a killed predecessor left beside the secrets' files.
public enum AbandonedFiles {
  /// Removes them from the directories of `paths`: those with a name that this program gives, of this process's user or
  /// the one that files are given to, and in use by no other process.
  public static func remove(beside paths: [String], _ attributes: FileAttributes) {
    let owners = Set([geteuid(), attributes.user ?? geteuid()])
    for path in Set(paths.map(FileDirectory.of)) {
      guard let directory = opendir(path) else { continue }
      defer { closedir(directory) }
      while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) {
          String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        if TemporaryName.matches(name) { remove(name, in: dirfd(directory), owners: owners) }
      }
    }
  }

  private static func remove(_ name: String, in directory: Int32, owners: Set<UInt32>) {
    var status = stat()
    guard fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0, owners.contains(status.st_uid) else { return }
    switch status.st_mode & S_IFMT {
    case S_IFREG:
      let file = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      guard file >= 0 else { return }
      defer { close(file) }
      guard flock(file, LOCK_EX | LOCK_NB) == 0 else { return }
      unlinkat(directory, name, 0)
    case S_IFLNK: unlinkat(directory, name, 0)
    default: return
    }
  }
}
