import Crypto
import FederationAPI
import Resources
import TestSupport
import Testing

@testable import Identity

/// What is verified on the way on which calls are answered from memory, and what of it the other way gets to see.
@Suite(.timeLimit(.minutes(1))) struct AuthenticatorMemoryTests {
  private let context = SHA256Context()

  private func digest(_ token: String, _ ca: [UInt8] = []) throws -> TokenDigest {
    let digest = Authenticator.digest(
      authorization: "Bearer \(token)".utf8.span.bytes, caCertificates: ca.span.bytes, context: context)
    return try #require(digest)
  }

  private func verifyAtOnce(
    _ bed: IdentityTestBed, _ token: String, ca: [UInt8] = [], trust: Trust = .clusterA
  ) throws -> VerifiedIdentity? {
    bed.authenticator.verifyAtOnce(
      authorization: "Bearer \(token)".utf8.span.bytes, caCertificates: ca.span.bytes, token: try digest(token, ca),
      trust: trust)?.identity
  }

  private func known(_ bed: IdentityTestBed, _ token: String, trust: Trust = .clusterA) throws -> VerifiedIdentity? {
    bed.authenticator.knownIdentity(try digest(token), trust: trust)?.identity
  }

  @Test("has a digest for what may be a bearer token only, and the same as the other way's")
  func digests() throws {
    func digest(_ authorization: String, _ ca: [UInt8] = []) -> TokenDigest? {
      Authenticator.digest(
        authorization: authorization.utf8.span.bytes, caCertificates: ca.span.bytes, context: context)
    }
    for bad in ["", "Bearer", "Bearer ", "bearer t", "Basic t", "Bearert", "t"] {
      #expect(digest(bad) == nil, "\(bad)")
    }
    let longest = String(repeating: "a", count: Limits.token)
    #expect(digest("Bearer \(longest)") != nil)
    #expect(digest("Bearer \(longest)a") == nil)
    #expect(digest("Bearer t", [UInt8](repeating: 1, count: Limits.caCertificates)) != nil)
    #expect(digest("Bearer t", [UInt8](repeating: 1, count: Limits.caCertificates + 1)) == nil)
    let other = TokenDigest(
      token: "t".utf8.span.bytes, caCertificates: ([1] as [UInt8]).span.bytes, context: SHA256Context())
    #expect(digest("Bearer t", [1]) == other)
    #expect(digest("Bearer t") != digest("Bearer  t"))
  }

  @Test("verifies with keys that are here, says what the other way says, and lets it know")
  func verified() async throws {
    let bed = try IdentityTestBed()
    #expect(await bed.verify(try bed.token()).isVerified)
    let token = try bed.token(serviceAccount: "other")
    #expect(try known(bed, token) == nil)
    let identity = try verifyAtOnce(bed, token)
    #expect(identity?.subject == "system:serviceaccount:apps:other")
    #expect(try known(bed, token) == identity)
    guard case .ready(.success(let other)) = bed.begin(token) else { return #expect(Bool(false), "not known") }
    #expect(other == identity)
    #expect(bed.issuers.keySetRequests == 1)
  }

  @Test("fetches nothing: without keys it leaves the token to the other way, which fetches once")
  func withoutKeys() async throws {
    let bed = try IdentityTestBed()
    let token = try bed.token()
    #expect(try verifyAtOnce(bed, token) == nil)
    #expect(await bed.verify(token).isVerified)
    #expect(bed.issuers.keySetRequests == 1)
    #expect(try known(bed, token) != nil)
  }

  @Test("an unknown key is fetched for as often as without this way")
  func unknownKey() async throws {
    var counts: [Int] = []
    for isQuickFirst in [false, true] {
      let bed = try IdentityTestBed()
      let (first, stranger) = (try bed.token(), try TestSigningKey(keyID: "key-2"))
      #expect(await bed.verify(first).isVerified)
      for step in 0..<6 {
        bed.clock.advance(step % 2 == 0 ? 3 : 11)
        let token = try stranger.token(bed.claims())
        if isQuickFirst { #expect(try verifyAtOnce(bed, token) == nil) }
        #expect(await bed.verify(token).error == .unauthenticated)
      }
      // At last the key is there.
      bed.issuers.serve(IdentityTestBed.url, keys: [bed.key, stranger])
      bed.clock.advance(11)
      let token = try stranger.token(bed.claims())
      if isQuickFirst { #expect(try verifyAtOnce(bed, token) == nil) }
      #expect(await bed.verify(token).isVerified)
      if isQuickFirst { #expect(try verifyAtOnce(bed, try stranger.token(bed.claims(lifetime: 99))) != nil) }
      counts.append(bed.issuers.requests.count)
    }
    #expect(counts[0] == counts[1], "\(counts)")
  }

  @Test("a refusal is handed over once: the same answer and reason, and judged anew after")
  func refusalHandedOver() async throws {
    let bed = try IdentityTestBed()
    let good = try bed.token()
    #expect(await bed.verify(good).isVerified)
    let bad = [
      TestToken.withBrokenSignature(good), try TestSigningKey().token(bed.claims()), "no token",
      try bed.key.token(bed.claims(issuer: "https://elsewhere.test")), try bed.token(lifetime: -100),
    ]
    for token in bad {
      #expect(await bed.verify(token).error == .unauthenticated)
      let reason = try #require(bed.lines.all.last)
      let lines = bed.lines.count("authentication_refused")
      #expect(try verifyAtOnce(bed, token) == nil)
      // Nothing is logged until the caller is told.
      #expect(bed.lines.count("authentication_refused") == lines)
      #expect(bed.authenticator.handedOver.count == 1)
      guard case .ready(.failure(let error)) = bed.begin(token) else { return #expect(Bool(false), "not ready") }
      #expect(error == .unauthenticated)
      #expect(bed.lines.count("authentication_refused") == lines + 1)
      #expect(bed.lines.all.last.map(reasonOf) == reasonOf(reason))
      #expect(bed.authenticator.handedOver.count == 0)
    }
  }

  private func reasonOf(_ line: String) -> Substring? {
    line.split(separator: "\"reason\":", maxSplits: 1).last?.prefix { $0 != "," }
  }

  @Test("the handed-over reason is taken in place of a second check of the signature")
  func checkedOnce() async throws {
    let bed = try IdentityTestBed()
    #expect(await bed.verify(try bed.token()).isVerified)
    // Not valid yet, and then it is: only who does not look again still refuses it.
    let early = try bed.key.token(bed.claims().overriding(["nbf": .number(Double(bed.clock.wallSeconds + 100))]))
    #expect(try verifyAtOnce(bed, early) == nil)
    bed.clock.advance(50)
    #expect(await bed.verify(early).error == .unauthenticated)
    #expect(await bed.verify(early).isVerified)
  }

  @Test("refusals of one token that nobody took do not pile up, and one of another generation is not taken")
  func leftBehind() async throws {
    let bed = try IdentityTestBed()
    #expect(await bed.verify(try bed.token()).isVerified)
    let bad = TestToken.withBrokenSignature(try bed.token())
    for _ in 0..<10 { #expect(try verifyAtOnce(bed, bad) == nil) }
    #expect(bed.authenticator.handedOver.count == 1)
    let next = Trust.of([.named("cluster-a", IdentityTestBed.url)], [.granting("cluster-a")], generation: 2)
    #expect(await bed.verify(bad, trust: next).error == .unauthenticated)
    #expect(try verifyAtOnce(bed, TestToken.withBrokenSignature(bad + "A"), trust: next) == nil)
    #expect(bed.authenticator.handedOver.count == 1)
  }

  @Test("a token that is refused for its bundle is not refused with another, nor without")
  func bundles() async throws {
    let bed = try IdentityTestBed()
    let good = try TestCertificateAuthority().certificatePEM
    let token = try bed.token()
    #expect(await bed.verify(try bed.token(lifetime: 77)).isVerified)
    #expect(try verifyAtOnce(bed, token, ca: Array("hello".utf8)) == nil)
    #expect(try verifyAtOnce(bed, token) != nil)
    // That bundle has no keys yet, and this way fetches none.
    #expect(try verifyAtOnce(bed, token, ca: good) == nil)
    #expect(await bed.verify(token, ca: good).isVerified)
    #expect(await bed.verify(token, ca: Array("hello".utf8)).error == .unauthenticated)
  }

  @Test("what is not final is left to the other way, without another check and without another fetch")
  func provisional() async throws {
    let bed = try IdentityTestBed()
    let second = "https://cluster-b.test:6443"
    bed.issuers.breakDown(second)
    let trust = Trust.of(
      [.named("cluster-a", IdentityTestBed.url), .named("cluster-b", second)],
      [.granting("cluster-a"), .granting("cluster-b")])
    let token = try bed.token()
    #expect(try await bed.verify(token, trust: trust).get().federations.count == 1)
    // Another caller brings news of the cluster's keys, among which the token's still is.
    let stranger = try TestSigningKey(keyID: "key-2")
    bed.issuers.serve(IdentityTestBed.url, keys: [bed.key, stranger])
    bed.clock.advance(11)
    #expect(await bed.verify(try stranger.token(bed.claims()), trust: trust).isVerified)
    let requests = bed.issuers.requests.count
    for _ in 0..<3 {
      #expect(try known(bed, token, trust: trust) == nil)
      #expect(try verifyAtOnce(bed, token, trust: trust) == nil)
      // It is known for half a minute, and who knows it does not take a refusal.
      #expect(bed.authenticator.handedOver.count == 0)
      #expect(bed.begin(token, trust: trust).isReady)
      #expect(await bed.verify(token, trust: trust).isVerified)
    }
    #expect(bed.issuers.requests.count == requests)
    // And then it is no longer.
    let next = try TestSigningKey(keyID: "key-3")
    bed.issuers.serve(IdentityTestBed.url, keys: [next])
    bed.clock.advance(11)
    #expect(await bed.verify(try next.token(bed.claims()), trust: trust).isVerified)
    #expect(try verifyAtOnce(bed, token, trust: trust) == nil)
    #expect(await bed.verify(token, trust: trust).error == .unauthenticated)
    #expect(bed.authenticator.handedOver.count == 0)
  }

  @Test("forgets with the token's last second, leeway included, and with another generation")
  func expiry() async throws {
    let bed = try IdentityTestBed()
    let token = try bed.token(lifetime: 100)
    let ends = bed.clock.wallSeconds + 100
    let identity = try await bed.verify(token).get()
    #expect(try known(bed, token) == identity)
    let next = Trust.of([.named("cluster-a", IdentityTestBed.url)], [.granting("cluster-a")], generation: 2)
    #expect(try known(bed, token, trust: next) == nil)
    bed.clock.advance(159)
    #expect(try known(bed, token) == identity)
    #expect(!Authenticator.isOver(ends, wallSeconds: bed.authenticator.wallSeconds))
    #expect(await bed.verify(token).isVerified)
    bed.clock.advance(1)
    #expect(Authenticator.isOver(ends, wallSeconds: bed.authenticator.wallSeconds))
    #expect(try known(bed, token) == nil)
    #expect(try verifyAtOnce(bed, token) == nil)
    #expect(await bed.verify(token).error == .unauthenticated)
  }

  @Test("a token that is no text is left to the other way")
  func notText() throws {
    let bed = try IdentityTestBed()
    let authorization = Array("Bearer ".utf8) + [0xFF, 0xFE]
    let digest = Authenticator.digest(
      authorization: authorization.span.bytes, caCertificates: RawSpan(), context: context)
    let identity = bed.authenticator.verifyAtOnce(
      authorization: authorization.span.bytes, caCertificates: RawSpan(), token: try #require(digest), trust: .clusterA)
    #expect(identity == nil)
    #expect(bed.authenticator.handedOver.count == 0)
  }

  @Test("a bound identity is known as long as the other way takes it")
  func bound() async throws {
    let bed = try IdentityTestBed()
    let binding = ConnectionIdentity()
    func isKnown(_ trust: Trust) async -> Bool {
      let isKnown = bed.authenticator.knownIdentity(of: binding, trust: trust) != nil
      #expect(await bed.verify(nil, trust: trust, binding: binding).isVerified == isKnown)
      return isKnown
    }
    #expect(await !isKnown(.clusterA))
    binding.bind(try await bed.verify(try bed.token(lifetime: 100)).get())
    #expect(await isKnown(.clusterA))
    let more = Trust.of(
      [.named("cluster-a", IdentityTestBed.url), .named("b", "https://b.test")], [.granting("cluster-a")],
      generation: 2)
    #expect(await isKnown(more))
    #expect(await !isKnown(.of([.named("cluster-a", "https://moved.test")], [], generation: 3)))
    #expect(await !isKnown(.of([.named("cluster-a", IdentityTestBed.url)], [], generation: 4)))
    #expect(await !isKnown(.of([], [], generation: 5)))
    let last = Trust.of([.named("cluster-a", IdentityTestBed.url)], [.granting("cluster-a")], generation: 6)
    binding.bind(try await bed.verify(try bed.token(lifetime: 100), trust: last).get())
    bed.clock.advance(159)
    #expect(await isKnown(last))
    bed.clock.advance(1)
    #expect(await !isKnown(last))
  }
}
