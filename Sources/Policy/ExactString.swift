import Glibc

/// A string that equals another only when the bytes do.
///
/// Swift's own `==` follows Unicode's canonical equivalence, where one subject may be spelled in several ways
/// (U+212A KELVIN SIGN equals `K`); a grant is for one spelling.
struct ExactString: Hashable, Sendable {
  private let text: String

  init(_ text: String) { self.text = text }

  static func == (left: ExactString, right: ExactString) -> Bool {
    left.text.utf8.span.bytes.withUnsafeBytes { left in
      right.text.utf8.span.bytes.withUnsafeBytes { right in
        guard left.count == right.count else { return false }
        guard let start = left.baseAddress, let other = right.baseAddress else { return true }
        return memcmp(start, other, left.count) == 0
      }
    }
  }

  /// Folds the bytes into one word first: `Hasher` takes ten times as long over a token's issuer and subject.
  ///
  /// Whoever can guess the fold gains nothing. What is in a table comes from the manifests alone, and a caller that
  /// is only looked up makes no chain in it longer.
  func hash(into hasher: inout Hasher) {
    hasher.combine(text.utf8.span.bytes.withUnsafeBytes { ExactString.fold($0) })
  }

  private static func fold(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15
    var state = UInt64(bytes.count)
    var offset = 0
    while offset + 8 <= bytes.count {
      let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      let product = (state ^ word).multipliedFullWidth(by: multiplier)
      state = (product.high ^ product.low) &+ multiplier
      offset += 8
    }
    var rest: UInt64 = 0
    while offset < bytes.count {
      rest = rest << 8 | UInt64(bytes[offset])
      offset += 1
    }
    let product = (state ^ rest).multipliedFullWidth(by: multiplier)
    return product.high ^ product.low
  }
}
