/// A string that equals another only when the bytes do.
///
/// Swift's own `==` follows Unicode's canonical equivalence, where one subject may be spelled in several ways
/// (U+212A KELVIN SIGN equals `K`); a grant is for one spelling.
struct ExactString: Hashable, Sendable {
  private let text: String

  init(_ text: String) { self.text = text }

  static func == (left: ExactString, right: ExactString) -> Bool {
    // Not by String's ==, which for some texts takes time with the square of their length, and callers name them.
    let (left, right) = (left.text.utf8.span.bytes, right.text.utf8.span.bytes)
    guard left.byteCount == right.byteCount else { return false }
    var offset = 0
    while offset + 8 <= left.byteCount {
      let isSame =
        left.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
        == right.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
      guard isSame else { return false }
      offset += 8
    }
    while offset < left.byteCount {
      let isSame =
        left.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
        == right.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      guard isSame else { return false }
      offset += 1
    }
    return true
  }

  func hash(into hasher: inout Hasher) {
    text.utf8.span.bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    hasher.combine(UInt8(0xFF))
  }
}
