import FederationAPI
import Foundation
import Testing

@testable import Gateway

@Suite struct JSONStringLiteralTests {
  private func encoded(_ text: String) -> String { String(decoding: JSONStringLiteral.encode(text), as: UTF8.self) }

  @Test(
    "texts are spelled as Go's encoder spells them",
    arguments: [
      ("", "\"\"\n"), ("a\"b\\c", "\"a\\\"b\\\\c\"\n"), ("\n\r\t", "\"\\n\\r\\t\"\n"),
      ("\u{0}\u{8}\u{C}\u{1F}\u{7F}", "\"\\u0000\\u0008\\u000c\\u001f\u{7F}\"\n"),
      ("<a href='x'>&/", "\"\\u003ca href='x'\\u003e\\u0026/\"\n"),
      ("a\u{2028}b\u{2029}c\u{2027}\u{202A}", "\"a\\u2028b\\u2029c\u{2027}\u{202A}\"\n"),
      ("\u{2028}", "\"\\u2028\"\n"), ("é€😀", "\"é€😀\"\n"), ("p\u{E2}\u{80}\u{A8}", "\"p\u{E2}\u{80}\u{A8}\"\n"),
    ])
  func spelling(text: String, expected: String) {
    #expect(encoded(text) == expected)
  }

  @Test("every character comes back when the literal is read, as secret and as message")
  func roundTrip() throws {
    for start in stride(from: UInt32(0), to: 0x11_0000, by: 0x100) {
      let text = String(String.UnicodeScalarView((start..<start + 0x100).compactMap(Unicode.Scalar.init)))
      let secret = SecretBytes(text).withBytes { JSONStringLiteral.encode($0) }
      let literal = try #require(secret?.text)
      #expect(literal == encoded(text))
      let read = try JSONDecoder().decode(String.self, from: Data(literal.utf8))
      #expect(Array(read.unicodeScalars) == Array(text.unicodeScalars), "from \(start)")
    }
  }

  @Test("bytes that are not UTF-8 have no literal", arguments: [[0x80], [0xE2, 0x80], [0x61, 0xFF]] as [[UInt8]])
  func notUTF8(bytes: [UInt8]) {
    let literal = JSONStringLiteral.encode(bytes.span.bytes)
    #expect(literal == nil)
  }
}
