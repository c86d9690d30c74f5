import Crypto

/// What a token and its caller's bundle hash to: stands for both where they must not be kept.
public struct TokenDigest: Hashable, Sendable {
  /// SHA-256 over the token's length, the token and the bundle.
  let words: (UInt64, UInt64, UInt64, UInt64)

  /// Digests `token` and `caCertificates` with `context`, which is one thread's own.
  init(token: RawSpan, caCertificates: RawSpan, context: SHA256Context) {
    context.start()
    // The length in front: no other token and bundle join to the same text.
    let length = InlineArray<1, UInt64>(repeating: UInt64(token.byteCount).littleEndian)
    context.add(length.span.bytes)
    context.add(token)
    context.add(caCertificates)
    words = context.finish()
  }

  /// All of it counts.
  public static func == (left: TokenDigest, right: TokenDigest) -> Bool { left.words == right.words }

  /// A quarter of it is spread well enough, since nobody can choose it.
  public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}
