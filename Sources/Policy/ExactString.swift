import FederationAPI

/// A string that equals another only when the bytes do.
///
/// Swift's own `==` follows Unicode's canonical equivalence, where one subject may be spelled in several ways
/// (U+212A KELVIN SIGN equals `K`); a grant is for one spelling. For some texts it also takes time with the square of
/// their length, and callers name them.
struct ExactString: Hashable, Sendable {
  private let text: String

  init(_ text: String) { self.text = text }

  static func == (left: ExactString, right: ExactString) -> Bool {
    left.text.utf8.span.bytes.isEqual(to: right.text.utf8.span.bytes)
  }

  /// Folds the bytes into one word first: `Hasher` takes ten times as long over a token's issuer and subject.
  ///
  /// Whoever can guess the fold gains nothing. What is in a table comes from the manifests alone, and a caller that
  /// is only looked up makes no chain in it longer.
  func hash(into hasher: inout Hasher) { hasher.combine(text.utf8.span.bytes.tableHash) }
}
