import FederationAPI

/// An encoded response that ends with a secret: a few bytes of protobuf, then the secret's own, which are copied once,
/// to where they are sent from.
public struct EncodedSecret: Sendable {
  /// What follows ``head``.
  public let secret: SecretBytes
  private let head: InlineArray<6, UInt8>
  private let headCount: Int

  /// Encodes `federation.v1.GetSecretResponse`, or nil for values that are encoded in another way: an empty one is
  /// left out, and one of megabytes may be over the message limit.
  init?(getSecretResponse secret: SecretBytes) {
    guard secret.count > 0, secret.count < 1 << 21 else { return nil }
    self.secret = secret
    var head = InlineArray<6, UInt8>(repeating: 0)
    head[0] = 1 << 3 | 2
    var end = 1
    var rest = secret.count
    while rest >= 0x80 {
      head[end] = UInt8(truncatingIfNeeded: rest) | 0x80
      rest >>= 7
      end += 1
    }
    head[end] = UInt8(truncatingIfNeeded: rest)
    self.head = head
    headCount = end + 1
  }

  /// Bytes of the encoded message.
  public var count: Int { headCount + secret.count }

  /// Writes the encoded message to the start of `room`, which holds at least ``count`` bytes.
  package func write(to room: UnsafeMutableRawBufferPointer) {
    for index in 0..<headCount { room[index] = head[index] }
    secret.withBytes { bytes in
      bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: room[headCount...]).copyMemory(from: $0) }
    }
  }
}
