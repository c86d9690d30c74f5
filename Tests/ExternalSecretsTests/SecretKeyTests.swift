import ExternalSecrets
import FederationAPI
import Testing

@Suite struct SecretKeyTests {
  @Test("keys are converted as ESO converts them")
  func conversion() {
    #expect(SecretKey.converted("path/to a.b-c_d", .default) == "path_to_a.b-c_d")
    #expect(SecretKey.converted("a/b🔑", .unicode) == "a_U002f_b_U1f511_")
    #expect(SecretKey.converted("é", .default) == "é")
  }

  @Test("a Secret's keys are ASCII, not empty and at most 253 long")
  func validity() {
    #expect(SecretKey.isValid("-._aZ9") && SecretKey.isValid(String(repeating: "k", count: 253)))
    for key in ["", "é", "a/b", "a b", "a\0", String(repeating: "k", count: 254)] { #expect(!SecretKey.isValid(key)) }
  }

  @Test(
    "values are decoded as Go decodes them",
    arguments: [
      (DecodingStrategy.none, "aGk=", "aGk="), (.base64, "aGk=", "hi"), (.base64, "aG\r\nk=\n", "hi"),
      (.base64, "", ""), (.base64, "aGk", nil), (.base64, "aGk==", nil), (.base64, "aG!=", nil), (.base64, "-_-_", nil),
      (.base64, "=aGk", nil), (.base64URL, "Pz8_", "???"), (.base64URL, "Pz8/", nil), (.auto, "Pz8/", "???"),
      (.auto, "Pz8_", "???"), (.auto, "not base64!", "not base64!"),
    ] as [(DecodingStrategy, String, String?)])
  func decoding(strategy: DecodingStrategy, text: String, decoded: String?) {
    #expect(strategy.decode(SecretBytes(text)) == decoded.map { SecretBytes($0) })
  }
}
