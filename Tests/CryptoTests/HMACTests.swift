import Crypto
import FederationAPI
import Testing

@Suite struct HMACTests {
  /// RFC 2202 section 3 and RFC 4231 section 4, test cases 1, 2 and 6.
  @Test(
    "gives the codes of the RFCs",
    arguments: [
      (HMAC.Hash.sha1, "b617318655057264e28bc0b6fb378c8ef146be00", 0),
      (.sha256, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", 0),
      (
        .sha512,
        "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
          + "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854", 0
      ),
      (.sha1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79", 1),
      (.sha256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", 1),
      (.sha256, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54", 2),
    ])
  func vectors(_ hash: HMAC.Hash, _ expected: String, _ example: Int) throws {
    let (key, message): ([UInt8], String) =
      [
        ([UInt8](repeating: 0x0B, count: 20), "Hi There"), (Array("Jefe".utf8), "what do ya want for nothing?"),
        ([UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First"),
      ][example]
    let code = try HMAC.code(of: Array(message.utf8), key: SecretBytes(key), hash: hash)
    #expect(code.map { (byte: UInt8) in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined() == expected)
    #expect(code.count == hash.byteCount)
  }
}
