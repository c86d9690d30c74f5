/// Cuts a stream of bytes into lines.
struct LineBuffer: Sendable {
  /// The longest line, in bytes.
  let maximumByteCount: Int
  private var bytes: [UInt8] = []
  /// Where the next line begins.
  private var start = 0
  /// Up to where no newline was found.
  private var searched = 0

  init(maximumByteCount: Int) { self.maximumByteCount = maximumByteCount }

  /// Whether a line has begun that is past the limit.
  var isFull: Bool { bytes.count - start > maximumByteCount }

  mutating func append(_ more: [UInt8]) {
    if start > 0 {
      bytes.removeFirst(start)
      searched -= start
      start = 0
    }
    bytes += more
  }

  /// The next complete line, without its newline.
  mutating func next() -> [UInt8]? {
    guard let newline = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
      searched = bytes.count
      return nil
    }
    defer { (start, searched) = (newline + 1, newline + 1) }
    return Array(bytes[start..<newline])
  }
}
