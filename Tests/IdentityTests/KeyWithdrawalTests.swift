import Crypto
import FederationAPI
import Resources
import TestSupport
import Testing

@testable import Identity

/// What becomes of identities that were verified when the keys behind them go.
@Suite(.timeLimit(.minutes(1))) struct KeyWithdrawalTests {
  private let bed: IdentityTestBed
  private let binding = ConnectionIdentity()
  private let token: String
  private let next: TestSigningKey

  init() async throws {
    bed = try IdentityTestBed()
    token = try bed.token(lifetime: 200_000)
    next = try TestSigningKey(keyID: "next")
    binding.bind(try await bed.verify(token).get())
  }

  /// Whether the token, and the connection that it was bound to, are taken.
  private func expectTaken(_ isTaken: Bool, _ location: Testing.SourceLocation = #_sourceLocation) async throws {
    let (byToken, bound) = (await bed.verify(token), await bed.verify(nil, binding: binding))
    #expect(byToken.error == (isTaken ? nil : .unauthenticated), sourceLocation: location)
    #expect(bound.error == (isTaken ? nil : .unauthenticated), sourceLocation: location)
    let digest = Authenticator.digest(
      authorization: "Bearer \(token)".utf8.span.bytes, caCertificates: RawSpan(), context: SHA256Context())
    let known = bed.authenticator.knownIdentity(try #require(digest), trust: .clusterA)
    #expect((known != nil) == isTaken, sourceLocation: location)
  }

  @Test("a key set that is fetched anew without a key ends all that the key verified, at once")
  func withdrawn() async throws {
    bed.issuers.serve(IdentityTestBed.url, keys: [next])
    bed.clock.advance(11)
    try await expectTaken(true)
    #expect(await bed.verify(try next.token(bed.claims())).isVerified)
    try await expectTaken(false)
    #expect(bed.lines.count("keys_withdrawn") == 1)
  }

  @Test("another key under the same ID is another key")
  func replaced() async throws {
    let impostor = try TestSigningKey()
    bed.issuers.serve(IdentityTestBed.url, keys: [impostor, next])
    bed.clock.advance(11)
    #expect(await bed.verify(try next.token(bed.claims())).isVerified)
    try await expectTaken(false)
  }

  @Test("a key set that only gains a key ends nothing")
  func added() async throws {
    bed.issuers.serve(IdentityTestBed.url, keys: [bed.key, next])
    bed.clock.advance(11)
    #expect(await bed.verify(try next.token(bed.claims())).isVerified)
    try await expectTaken(true)
    #expect(bed.issuers.keySetRequests == 2 && bed.lines.count("keys_withdrawn") == 0)
  }

  @Test("without anybody who brings an unknown key, a withdrawn one is noticed when the key set's life is over")
  func unasked() async throws {
    bed.issuers.serve(IdentityTestBed.url, keys: [next])
    bed.clock.advance(479)
    try await expectTaken(true)
    #expect(bed.issuers.keySetRequests == 1)
    bed.clock.advance(121)
    try await expectTaken(false)
  }

  @Test("a key that is still there is good for another life of its set, for who only has the connection, too")
  func renewed() async throws {
    for round in 1...3 {
      bed.clock.advance(600)
      #expect(!bed.begin(nil, binding: binding).isReady)
      #expect(await bed.verify(nil, binding: binding).isVerified)
      try await expectTaken(true)
      #expect(bed.begin(nil, binding: binding).isReady && bed.begin(token).isReady)
      #expect(bed.issuers.keySetRequests == 1 + round)
    }
  }

  @Test("while the issuer is away, what was verified is good as long as its old keys are used")
  func stale() async throws {
    bed.issuers.breakDown(IdentityTestBed.url)
    bed.clock.advance(700)
    try await expectTaken(true)
    bed.clock.advance(85_600)
    try await expectTaken(true)
    bed.clock.advance(200)
    try await expectTaken(false)
  }

  @Test("an issuer that is back without the key ends what was verified while it was away")
  func recovered() async throws {
    bed.issuers.breakDown(IdentityTestBed.url)
    bed.clock.advance(700)
    try await expectTaken(true)
    bed.issuers.serve(IdentityTestBed.url, keys: [next])
    bed.clock.advance(6)
    #expect(await bed.verify(try next.token(bed.claims())).isVerified)
    try await expectTaken(false)
  }

  @Test("a federation whose keys go takes only its own with it")
  func another() async throws {
    let (url, other) = ("https://cluster-b.test", try TestSigningKey(keyID: "b"))
    bed.issuers.serve(url, keys: [other])
    let trust = Trust.of(
      [.named("cluster-a", IdentityTestBed.url), .named("cluster-b", url)],
      [.granting("cluster-a"), .granting("cluster-b", issuer: "b")], generation: 2)
    let ofB = try other.token(bed.claims(issuer: "b"))
    for token in [token, ofB] { #expect(await bed.verify(token, trust: trust).isVerified) }
    bed.issuers.serve(IdentityTestBed.url, keys: [next])
    bed.clock.advance(11)
    #expect(await bed.verify(try next.token(bed.claims()), trust: trust).isVerified)
    let before = bed.issuers.requests.count
    #expect(bed.begin(ofB, trust: trust).isReady)
    #expect(await bed.verify(ofB, trust: trust).isVerified)
    #expect(await bed.verify(token, trust: trust).error == .unauthenticated)
    #expect(bed.issuers.requests.count == before)
  }

  @Test("where an API server wants a credential, a token that comes again renews its keys, and a connection follows")
  func credential() async throws {
    let wanted = "Bearer \(token)"
    bed.issuers.demand({ $0 == wanted }, at: IdentityTestBed.url)
    bed.clock.advance(600)
    #expect(await bed.verify(nil, binding: binding).error == .unauthenticated)
    #expect(await bed.verify(token).isVerified)
    try await expectTaken(true)
  }
}
