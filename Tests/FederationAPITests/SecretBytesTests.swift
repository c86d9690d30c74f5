import FederationAPI
import Testing

@Suite struct SecretBytesTests {
  @Test("no way of printing shows a byte")
  func redacted() {
    let secret = SecretBytes("hunter2")
    var dumped = ""
    dump(secret, to: &dumped)
    for text in ["\(secret)", String(describing: secret), String(reflecting: secret), "\([secret])", dumped] {
      #expect(!text.contains("hunter2"))
    }
    #expect("\(secret)" == "<7 secret bytes>")
  }

  @Test(
    "equality is that of the bytes",
    arguments: [("a", "a", true), ("a", "b", false), ("a", "aa", false), ("", "", true)])
  func equality(left: String, right: String, isEqual: Bool) {
    #expect((SecretBytes(left) == SecretBytes(right)) == isEqual)
  }

  @Test("text is there only where the bytes are UTF-8")
  func text() {
    #expect(SecretBytes("schlüssel").text == "schlüssel")
    #expect(SecretBytes([0xFF, 0xFE]).text == nil)
    #expect(SecretBytes([]).text == "")
    #expect(SecretBytes([0, 1, 2]).count == 3)
  }
}
