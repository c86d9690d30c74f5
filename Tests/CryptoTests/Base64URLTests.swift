import Crypto
import Testing

@Suite struct Base64URLTests {
  @Test(
    "encodes and decodes RFC 4648's examples",
    arguments: [
      ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
      ("foobar", "Zm9vYmFy"),
    ])
  func vectors(plain: String, encoded: String) {
    #expect(Base64URL.encode(Array(plain.utf8)) == encoded)
    #expect(Base64URL.decode(encoded) == Array(plain.utf8))
  }

  @Test("uses the URL alphabet")
  func alphabet() {
    #expect(Base64URL.encode([0xFB, 0xFF, 0xFE]) == "-__-")
    #expect(Base64URL.decode("-__-") == [0xFB, 0xFF, 0xFE])
  }

  @Test(
    "refuses padding, other characters, impossible lengths and spare bits",
    arguments: [
      "Zg==", "Zg=", "Z", "Zm9vY", "+//+", "Zm 9", "Zm9\n", "Zh", "Zm9", "Zé",
    ])
  func refused(text: String) {
    #expect(Base64URL.decode(text) == nil)
  }
}
