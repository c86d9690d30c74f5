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

  func hash(into hasher: inout Hasher) {
    text.utf8.span.bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    hasher.combine(UInt8(0xFF))
  }
}
