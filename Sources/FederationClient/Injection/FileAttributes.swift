/// Whose the written files are, and who may read them.
public struct FileAttributes: Equatable, Sendable {
  /// The permission bits, at most `0o777`.
  public var mode: UInt32
  /// The user that the files are given to; nil leaves them with this process's own.
  public var user: UInt32?
  /// The group that the files are given to; nil leaves them with the one that new files get.
  public var group: UInt32?

  /// Makes the attributes; without any, only this process's user reads and writes.
  public init(mode: UInt32 = 0o600, user: UInt32? = nil, group: UInt32? = nil) {
    self.mode = mode
    self.user = user
    self.group = group
  }

  /// Of directories that are made for the files: who may read a file may pass, and nobody else.
  var directoryMode: UInt32 { 0o700 | (mode & 0o044) >> 2 }
}
