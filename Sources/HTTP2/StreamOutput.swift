import Glibc
import HTTP1

/// A stream's body on its way out: chunks as they were written, wiped once they are sent, because they may be secrets.
struct StreamOutput: ~Copyable {
  private var chunks: [[UInt8]] = []
  /// Sent bytes of the first chunk.
  private var offset = 0
  private(set) var count = 0
  /// Whether nothing will follow.
  private(set) var isEnded = false
  private(set) var trailers: [HTTPFields.Field] = []

  deinit {
    for chunk in chunks {
      // The array's own memory: nobody else holds it.
      chunk.withUnsafeBytes { bytes in
        if let start = bytes.baseAddress { explicit_bzero(UnsafeMutableRawPointer(mutating: start), bytes.count) }
      }
    }
  }

  mutating func append(_ chunk: consuming [UInt8]) {
    guard !chunk.isEmpty, !isEnded else { return }
    count += chunk.count
    chunks.append(chunk)
  }

  mutating func end(_ trailers: [HTTPFields.Field]) {
    isEnded = true
    self.trailers = trailers
  }

  /// What a DATA frame with `room` bytes would carry.
  func next(room: Int) -> HTTP2Session.BodyPart {
    let part = min(room, count)
    let isLast = isEnded && part == count
    guard part > 0 || isLast else { return .later }
    return .bytes(part, isLast: isLast, hasTrailers: isLast && !trailers.isEmpty)
  }

  /// Moves `room.count` bytes to `room`, at most ``count``.
  mutating func move(to room: UnsafeMutableRawBufferPointer) {
    var filled = 0
    while filled < room.count, !chunks.isEmpty {
      let part = min(room.count - filled, chunks[0].count - offset)
      chunks[0].withUnsafeBytes { bytes in
        UnsafeMutableRawBufferPointer(rebasing: room[filled..<filled + part])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + part]))
      }
      filled += part
      offset += part
      if offset == chunks[0].count { removeFirst() }
    }
    count -= filled
  }

  private mutating func removeFirst() {
    chunks[0].withUnsafeMutableBytes { bytes in
      if let start = bytes.baseAddress { explicit_bzero(start, bytes.count) }
    }
    chunks.removeFirst()
    offset = 0
  }
}
