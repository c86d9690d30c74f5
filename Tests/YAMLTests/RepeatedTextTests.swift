import Testing
import YAML

@Suite struct RepeatedTextTests {
  @Test("texts that differ only where no hash looks stay apart, over several streams and for every length")
  func apart() {
    var texts = RepeatedText()
    for length in 0...200 {
      for _ in 1...2 {
        for middle in ["-", "+", "é", "e\u{301}"] {
          let filler = String(repeating: "x", count: length)
          let text = "a\(filler)\(middle)\(filler)b"
          var read: [YAMLNode?] = []
          let stream = "'\(text)'"
          YAMLStream.read(stream.utf8.span.bytes, reusing: &texts) { read.append($0.root) }
          #expect(read.count == 1)
          guard case .scalar(let result, isPlain: false) = read.first??.content else {
            Issue.record("no text: \(read)")
            return
          }
          // Bytes, as Swift calls the two spellings of é equal.
          #expect(Array(result.utf8) == Array(text.utf8))
        }
      }
    }
  }
}
