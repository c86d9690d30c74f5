import Crypto
import FederationAPI
import Testing

@testable import Identity

@Suite struct TokenDigestTests {
  private let context = SHA256Context()

  private func digest(_ token: [UInt8], _ ca: [UInt8]) -> TokenDigest {
    TokenDigest(token: token.span.bytes, caCertificates: ca.span.bytes, context: context)
  }

  @Test("is SHA-256 over the token's length in 8 bytes, the token and the bundle")
  func framing() {
    for (token, ca) in [("", ""), ("t", ""), ("", "c"), ("token", "bundle"), (String(repeating: "x", count: 300), "c")]
    {
      let (token, ca) = (Array(token.utf8), Array(ca.utf8))
      let length = (0..<8).map { UInt8(truncatingIfNeeded: token.count >> (8 * $0)) }
      let expected = SHA256.digest(length + token + ca)
      #expect(withUnsafeBytes(of: digest(token, ca).words) { [UInt8]($0) } == expected)
    }
  }

  @Test("no cut of the same text, nor bytes moved into the length, give the same digest")
  func cuts() {
    let text = Array("abcdefghijklmnopqrstuvwxyz".utf8)
    var seen: Set<TokenDigest> = []
    for cut in 0...text.count { seen.insert(digest(Array(text[..<cut]), Array(text[cut...]))) }
    #expect(seen.count == text.count + 1)
    // A token that begins like another's length field.
    #expect(digest([1, 0, 0, 0, 0, 0, 0, 0], []) != digest([], [1, 0, 0, 0, 0, 0, 0, 0]))
    #expect(digest([0x61], []) != digest([], [0x61]))
  }

  @Test("hashing is spread over the shards and the buckets")
  func spread() {
    var shards = [Int](repeating: 0, count: 16)
    var hashes: Set<Int> = []
    for number in 0..<4_096 {
      let digest = digest(Array("token-\(number)".utf8), [])
      shards[Int(truncatingIfNeeded: digest.words.1) & 15] += 1
      hashes.insert(digest.hashValue)
    }
    #expect(shards.allSatisfy { (160...360).contains($0) })
    #expect(hashes.count == 4_096)
  }
}
