import FederationAPI
import FederationProto

/// Cuts messages out of a call's body: a flag, four bytes of length, and the message itself, perhaps compressed
/// (gRPC over HTTP/2, "Length-Prefixed-Message").
struct MessageReader {
  /// Whether the call named gzip as its encoding.
  var acceptsGzip = false
  private let maximum: Int
  private var bytes: [UInt8] = []
  /// Where what was not given out yet begins: moving the rest for each message would take time with the square of
  /// their number.
  private var start = 0

  init(maximum: Int) { self.maximum = maximum }

  /// Bytes that are kept for a message that is not whole.
  var unfinished: Int { bytes.count - start }

  /// Takes what came. The length is looked at as soon as it is here, so that no message past the limit is waited for.
  mutating func append(_ more: RawSpan) throws(RPCError) {
    if start > 0 {
      bytes.removeFirst(start)
      start = 0
    }
    more.withUnsafeBytes { bytes.append(contentsOf: $0) }
    _ = try length()
  }

  /// The next whole message, nil when none is here.
  mutating func next() throws(RPCError) -> [UInt8]? {
    guard let length = try length(), unfinished >= 5 + length else { return nil }
    let isCompressed = bytes[start] == 1
    var message = Array(bytes[(start + 5)..<(start + 5 + length)])
    start += 5 + length
    if isCompressed {
      let plain = GzipDecoder.decode(message, maximum: maximum)
      message.wipe()
      message = try plain.get()
    }
    return message
  }

  /// Overwrites what is kept, which may be a secret.
  mutating func wipe() { bytes.wipe() }

  private func length() throws(RPCError) -> Int? {
    guard unfinished >= 5 else { return nil }
    switch bytes[start] {
    case 0: break
    case 1:
      guard acceptsGzip else {
        throw RPCError(.internal, "a message is compressed, but the call names no grpc-encoding")
      }
    default: throw RPCError(.internal, "a message's first byte is neither 0 nor 1")
    }
    let length = bytes[(start + 1)..<(start + 5)].reduce(0) { $0 << 8 | Int($1) }
    guard length <= maximum else {
      throw RPCError(.resourceExhausted, "message of \(length) bytes is too large, at most \(maximum)")
    }
    return length
  }

  /// A message's first five bytes.
  static func prefix(_ count: Int) -> [UInt8] {
    [
      0, UInt8(truncatingIfNeeded: count >> 24), UInt8(truncatingIfNeeded: count >> 16),
      UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count),
    ]
  }
}
