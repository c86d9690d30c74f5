import FederationAPI
import Glibc

/// What stands at a file's path now.
///
/// What is on disk is what is compared, and no digest that a process would have to keep: no value outlives its
/// refresh in memory, a file that somebody changed or removed is put right, and a daemon that starts again leaves
/// alone what its predecessor wrote.
enum PlacedFile {
  private static let chunk = 65_536

  /// Whether the file holds exactly `bytes`, and is whose it should be with the mode that it should have.
  static func isCurrent(_ path: String, bytes: RawSpan, _ attributes: FileAttributes) -> Bool {
    // Not through a symbolic link, which is replaced; and without waiting for a pipe's writer.
    let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode == S_IFREG | attributes.mode,
      status.st_uid == attributes.user ?? geteuid(), attributes.group ?? status.st_gid == status.st_gid,
      status.st_size == bytes.byteCount
    else { return false }
    return bytes.withUnsafeBytes { holds($0, file) }
  }

  private static func holds(_ bytes: UnsafeRawBufferPointer, _ file: Int32) -> Bool {
    var buffer = [UInt8](repeating: 0, count: min(chunk, bytes.count))
    defer { buffer.withUnsafeMutableBytes { if let start = $0.baseAddress { explicit_bzero(start, $0.count) } } }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = read(file, &buffer, min(buffer.count, rest.count))
      if count < 0 && errno == EINTR { continue }
      guard count > 0, buffer[..<count].elementsEqual(rest.prefix(count)) else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
