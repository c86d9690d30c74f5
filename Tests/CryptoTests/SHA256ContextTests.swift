import Crypto
import Testing

@Suite struct SHA256ContextTests {
  private func digest(_ context: SHA256Context, _ parts: [[UInt8]]) -> [UInt8] {
    context.start()
    for part in parts { context.add(part.span.bytes) }
    return withUnsafeBytes(of: context.finish()) { [UInt8]($0) }
  }

  @Test("gives what the whole text's digest is, however the text is cut, one after another")
  func agrees() {
    let context = SHA256Context()
    for count in [0, 1, 3, 55, 56, 63, 64, 65, 119, 120, 127, 128, 1_000, 70_000] {
      let text = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      let expected = SHA256.digest(text)
      #expect(digest(context, [text]) == expected)
      for cut in [0, 1, count / 2, count] where cut <= count {
        #expect(digest(context, [Array(text[..<cut]), [], Array(text[cut...])]) == expected)
      }
    }
    #expect(digest(context, []) == SHA256.digest([UInt8]()))
  }

  @Test("a text that was begun and not ended leaves nothing in the next")
  func begunTwice() {
    let context = SHA256Context()
    context.start()
    context.add(Array("left over".utf8).span.bytes)
    #expect(digest(context, [Array("abc".utf8)]) == SHA256.digest("abc"))
  }

  @Test("two contexts do not disturb each other")
  func two() {
    let (left, right) = (SHA256Context(), SHA256Context())
    left.start()
    right.start()
    left.add(Array("a".utf8).span.bytes)
    right.add(Array("b".utf8).span.bytes)
    #expect(withUnsafeBytes(of: left.finish()) { [UInt8]($0) } == SHA256.digest("a"))
    #expect(withUnsafeBytes(of: right.finish()) { [UInt8]($0) } == SHA256.digest("b"))
  }
}
