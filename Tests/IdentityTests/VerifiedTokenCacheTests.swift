import Crypto
import FederationAPI
import Testing

@testable import Identity

@Suite struct VerifiedTokenCacheTests {
  private let now = MonotonicTime(nanoseconds: 0)
  private let identity = VerifiedIdentity(
    method: .oidc, provider: "issuer", subject: "subject", kubernetes: nil,
    federations: [FederationReference(kind: "KubernetesFederation", name: "a")], expiresAtSeconds: 1_000)

  private var known: KnownIdentity { KnownIdentity(identity) }

  private func digest(_ token: String, _ caCertificates: [UInt8]) -> TokenDigest {
    TokenDigest(
      token: token.utf8.span.bytes, caCertificates: caCertificates.span.bytes, context: SHA256Context())
  }

  @Test("keys tell token and bundle apart, wherever one ends and the other begins")
  func keys() {
    let key = digest("ab", Array("cd".utf8))
    #expect(key == digest("ab", Array("cd".utf8)))
    #expect(key != digest("abc", Array("d".utf8)))
    #expect(key != digest("abcd", []))
    #expect(key != digest("ab", []))
  }

  @Test("stays within its bytes whatever is put into it")
  func bytes() {
    let maximum = 1 << 20
    let cache = VerifiedTokenCache(maximumBytes: maximum)
    for number in 0..<5_000 {
      let key = digest("token-\(number)", [])
      cache.insert(known, isFinal: true, for: key, generation: 1, now: now)
    }
    #expect(cache.count > 500)
    #expect(cache.count * VerifiedTokenCache.cost(of: identity) <= maximum)
    let last = digest("token-4999", [])
    #expect(cache.identity(last, generation: 1, wallSeconds: 0, now: now) == identity)
  }

  @Test("answers for the generation that verified only, and an old one cannot write over a new one")
  func generations() {
    let cache = VerifiedTokenCache(maximumBytes: 1 << 20)
    let key = digest("t", [])
    cache.insert(known, isFinal: true, for: key, generation: 2, now: now)
    #expect(cache.identity(key, generation: 2, wallSeconds: 0, now: now) != nil)
    #expect(cache.identity(key, generation: 1, wallSeconds: 0, now: now) == nil)
    #expect(cache.identity(key, generation: 3, wallSeconds: 0, now: now) == nil)
    // The same shard or not: nothing of generation 2 may come back once generation 3 is written.
    for number in 0..<64 {
      let other = digest("other-\(number)", [])
      cache.insert(known, isFinal: true, for: other, generation: 3, now: now)
    }
    #expect(cache.identity(key, generation: 3, wallSeconds: 0, now: now) == nil)
    cache.insert(known, isFinal: true, for: key, generation: 3, now: now)
    cache.insert(known, isFinal: true, for: key, generation: 2, now: now)
    #expect(cache.identity(key, generation: 3, wallSeconds: 0, now: now) != nil)
    #expect(cache.identity(key, generation: 2, wallSeconds: 0, now: now) == nil)
  }

  @Test("keeps what is not final for half a minute")
  func provisional() {
    let cache = VerifiedTokenCache(maximumBytes: 1 << 20)
    let key = digest("t", [])
    cache.insert(known, isFinal: false, for: key, generation: 1, now: now)
    #expect(cache.identity(key, generation: 1, wallSeconds: 0, now: now.advanced(bySeconds: 30)) != nil)
    #expect(cache.identity(key, generation: 1, wallSeconds: 0, now: now.advanced(bySeconds: 31)) == nil)
    #expect(cache.count == 0)
  }
}
