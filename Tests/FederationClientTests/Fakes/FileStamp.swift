import Glibc
import TestSupport

/// What a watcher of a file sees: another inode or time is a change.
struct FileStamp: Equatable {
  var inode: UInt
  var seconds: Int
  var nanoseconds: Int
  var mode: UInt32
  var user: UInt32
  var group: UInt32

  init(_ path: String) throws {
    var status = stat()
    guard lstat(path, &status) == 0 else { throw TestSupportError("no \(path): errno \(errno)") }
    inode = status.st_ino
    (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    mode = status.st_mode & 0o7777
    (user, group) = (status.st_uid, status.st_gid)
  }
}
