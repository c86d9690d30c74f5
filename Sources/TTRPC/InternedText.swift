import FederationProto

/// The last text that was read in one place, so that the same name in call after call is made a String once.
struct InternedText {
  private var last = ""

  /// Longer texts are not kept: a peer could make every connection hold megabytes.
  private static let maximumKept = 128

  /// The bytes in `range`, which are known to be UTF-8, as text.
  mutating func text(_ range: Range<Int>, in bytes: RawSpan) -> String {
    if holds(bytes.extracting(range)) { return last }
    let text = bytes.text(range) ?? ""
    if range.count <= InternedText.maximumKept { last = text }
    return text
  }

  private func holds(_ bytes: RawSpan) -> Bool {
    let known = last.utf8.span
    guard known.count == bytes.byteCount else { return false }
    for index in known.indices where known[index] != bytes.byte(at: index) { return false }
    return true
  }
}
