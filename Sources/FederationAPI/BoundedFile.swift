import Glibc

/// Reads small files: tokens, certificates, and what a program wrote itself.
public enum BoundedFile {
  /// The file's bytes, or nil when there is no such file. Throws FAILED_PRECONDITION when it cannot be read, is not a
  /// regular file or has more than `limit` bytes; `purpose` names the file to the user. One that `isOwn` is not read
  /// through a link, one that `isPrivate` only where group and others have no right to it.
  public static func read(
    _ path: String, limit: Int, purpose: String, isOwn: Bool = false, isPrivate: Bool = false
  ) throws(RPCError) -> [UInt8]? {
    // A pipe that nobody writes to would otherwise hold whoever opens it, and all who wait for him, for ever.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (isOwn ? O_NOFOLLOW : 0))
    if file < 0 && (errno == ENOENT || errno == ENOTDIR) { return nil }
    guard file >= 0 else { throw failure(path, purpose) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw failure(path, purpose) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw RPCError(
        .failedPrecondition, "the \(purpose) \(path) is not a regular file; put one there, or give the path of one")
    }
    guard !isPrivate || status.st_mode & 0o077 == 0 else {
      throw RPCError(
        .failedPrecondition, "the \(purpose) \(path) is open to others than its owner: run chmod 600 \(path)")
    }
    // One byte more than the limit tells a file at the limit from one past it.
    var bytes = [UInt8](repeating: 0, count: limit + 1)
    var count = 0
    while count < bytes.count {
      let received = bytes.withUnsafeMutableBytes { buffer in
        let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
        return Glibc.read(file, rest.baseAddress, rest.count)
      }
      if received < 0 && errno == EINTR { continue }
      guard received >= 0 else { throw failure(path, purpose) }
      if received == 0 { break }
      count += received
    }
    guard count <= limit else {
      throw RPCError(.failedPrecondition, "the \(purpose) \(path) is longer than \(limit) bytes")
    }
    bytes.removeLast(bytes.count - count)
    return bytes
  }

  private static func failure(_ path: String, _ purpose: String) -> RPCError {
    RPCError(.failedPrecondition, "cannot read the \(purpose) \(path): \(String(cString: strerror(errno)))")
  }
}
