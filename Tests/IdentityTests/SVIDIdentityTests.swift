import Crypto
import FederationAPI
import HTTPClient
import Logging
import Policy
import Resources
import Synchronization
import TestSupport
import Testing

@testable import Identity

/// Peers that prove themselves by SVIDs, with clocks that a test moves on from now.
@Suite(.timeLimit(.minutes(1))) struct SVIDIdentityTests {
  typealias Fields = TestCertificateAuthority.SVIDFields

  static let id = "spiffe://example.org/shop/ns/apps/sa/sa-1/shop/pod/pod-2/shop-0"
  private let authority: TestCertificateAuthority
  private let stranger: TestCertificateAuthority
  private let authenticator: Authenticator
  private let elapsed: Elapsed
  private let lines: IdentityTestBed.Lines

  private final class Elapsed: Sendable {
    let seconds = Mutex<Int64>(0)
  }

  init() throws {
    authority = try TestCertificateAuthority()
    stranger = try TestCertificateAuthority(name: "Stranger")
    let (elapsed, lines) = (Elapsed(), IdentityTestBed.Lines())
    (self.elapsed, self.lines) = (elapsed, lines)
    var settings = AuthenticatorSettings()
    settings.wallClock = { WallClock.nowSeconds + elapsed.seconds.withLock { $0 } }
    let start = MonotonicTime.now
    settings.monotonicClock = { start.advanced(bySeconds: Double(elapsed.seconds.withLock { $0 })) }
    authenticator = Authenticator(
      client: FakeIssuers(), settings: settings, log: Log(level: .debug) { lines.append($0) })
  }

  private static func reference(_ name: String) -> FederationReference {
    FederationReference(kind: "SpiffeFederation", name: name)
  }

  /// Federations by name, each with its trust domain and authority, and a grant of each ID by a federation.
  private func trust(
    _ federations: [(name: String, domain: String, authority: TestCertificateAuthority?)]? = nil,
    grants: [(id: String, federation: String)] = [(id, "mesh")], generation: UInt64 = 1
  ) throws -> Trust {
    let place = SourceLocation(file: "t.yaml", line: 1)
    var all: [FederationReference: Federation] = [:]
    var bundles: [FederationReference: SPIFFETrustBundle] = [:]
    for (name, domain, authority) in federations ?? [("mesh", "example.org", authority)] {
      all[Self.reference(name)] = .spiffe(
        SpiffeFederation(name: name, trustDomain: domain, bundle: .workloadAPI, location: place))
      if let authority {
        bundles[Self.reference(name)] = try SPIFFETrustBundle(trustDomain: domain, pem: authority.certificatePEM)
      }
    }
    let authorizations = grants.map { id, federation in
      Authorization(
        name: "g", federationRef: Self.reference(federation), subject: .spiffe(id: id),
        allowedClusterSecretStores: ["store"], location: place)
    }
    return Trust(
      generation: generation, federations: all, policy: PolicyIndex(authorizations: authorizations), bundles: bundles)
  }

  private func judge(_ certificates: [[UInt8]], _ trust: Trust) -> Result<VerifiedIdentity, SVIDRefusal> {
    Result { () throws(SVIDRefusal) in try authenticator.identity(ofPeer: certificates, trust: trust) }
  }

  private func refusal(_ certificates: [[UInt8]], _ trust: Trust) -> SVIDRefusal? {
    if case .failure(let refusal) = judge(certificates, trust) { refusal } else { nil }
  }

  @Test("an SVID is the workload that its path names, of the federation whose bundle verifies it, until it ends")
  func verified() throws {
    var fields = Fields(Self.id)
    fields.validSeconds = 600
    let identity = try judge(try authority.issueSVID(fields).der, trust()).get()
    #expect(identity.method == .spiffe)
    #expect(identity.provider == "example.org")
    #expect(identity.subject == Self.id)
    #expect(identity.federations == [Self.reference("mesh")])
    #expect(identity.expiresAtSeconds <= WallClock.nowSeconds + 600)
    #expect(
      identity.kubernetes
        == KubernetesAttributes(
          namespace: "apps", serviceAccount: .init(name: "shop", uid: "sa-1"), pod: .init(name: "shop-0", uid: "pod-2"))
    )
  }

  @Test("an authority between leaf and bundle may stand in the chain")
  func intermediate() throws {
    let between = try TestCertificateAuthority(name: "Between", below: authority)
    let whole = try between.issueSVID(.init(Self.id), intermediates: between.certificatePEM)
    #expect(try judge(whole.der, trust()).get().subject == Self.id)
    #expect(refusal(try between.issueSVID(Self.id).der, try trust())?.kind == .untrusted)
  }

  /// One thing that is wrong with an SVID, and what is said of it.
  struct Fault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let change: @Sendable (inout Fields) -> Void
    let kind: SVIDRefusal.Kind
    let reason: String

    init(
      _ testDescription: String, _ kind: SVIDRefusal.Kind, _ reason: String,
      _ change: @escaping @Sendable (inout Fields) -> Void
    ) {
      self.testDescription = testDescription
      (self.kind, self.reason, self.change) = (kind, reason, change)
    }
  }

  private static let faults = [
    Fault("no ID", .invalid, "holds no SPIFFE ID") { $0.names = [] },
    Fault("two IDs", .invalid, "2 URIs") { $0.names = ["URI:\(id)", "URI:spiffe://example.org/b"] },
    Fault("a host's name", .invalid, "holds no SPIFFE ID") { $0.names = ["DNS:example.org"] },
    Fault("an authority's", .invalid, "authority's") { $0.constraints = "critical,CA:TRUE" },
    Fault("one that may sign", .invalid, "keyCertSign") { $0.keyUsage = "critical,digitalSignature,keyCertSign" },
    Fault("a server's only", .invalid, "clientAuth") { $0.extendedKeyUsage = "serverAuth" },
    Fault("an ID without path", .invalid, "not a workload's SPIFFE ID") { $0.names = ["URI:spiffe://example.org"] },
    Fault("another form of path", .notAuthorized, "invalid spiffe path") {
      $0.names = ["URI:spiffe://example.org/shop"]
    },
    Fault("an expired one", .expired, "expired") { $0.validSeconds = -10 },
    Fault("another workload's", .notAuthorized, "not authorized spiffe id: \(id)1") { $0.names = ["URI:\(id)1"] },
    Fault("another trust domain's", .untrusted, "not authorized spiffe id: spiffe://example.com/") {
      $0.names = ["URI:" + id.replacing("example.org", with: "example.com")]
    },
  ]

  @Test("what is no workload's SVID is refused as what it is", arguments: faults)
  func refused(fault: Fault) throws {
    var fields = Fields(Self.id)
    fault.change(&fields)
    // Granted, if only it were an SVID of a workload.
    let trust = try trust(grants: [(Self.id, "mesh"), ("spiffe://example.org/shop", "mesh")])
    let refusal = try #require(refusal(try authority.issueSVID(fields).der, trust))
    #expect(refusal.kind == fault.kind, "\(refusal)")
    #expect(refusal.reason.contains(fault.reason), "\(refusal)")
  }

  @Test("an authority vouches for its own trust domain only, and nobody for himself")
  func foreignAuthorities() throws {
    let other = Self.id.replacing("example.org", with: "example.com")
    let trust = try trust(
      [("mesh", "example.org", authority), ("other", "example.com", stranger)],
      grants: [(Self.id, "mesh"), (other, "other")])
    #expect(try judge(try stranger.issueSVID(other).der, trust).get().federations == [Self.reference("other")])
    #expect(refusal(try stranger.issueSVID(Self.id).der, trust)?.kind == .untrusted)
    // Nor does a stranger learn which IDs have grants.
    #expect(refusal(try stranger.issueSVID(Self.id + "1").der, trust)?.kind == .untrusted)
    #expect(refusal(try authority.issueSVID(other).der, trust)?.kind == .untrusted)
    #expect(refusal([], trust)?.kind == .invalid)
  }

  @Test("D25: a grant counts only under a federation of the ID's own trust domain, and each for itself")
  func grants() throws {
    let svid = try authority.issueSVID(Self.id).der
    // The bundle would verify it, and the domain is another.
    #expect(refusal(svid, try trust([("mesh", "example.com", authority)]))?.kind == .untrusted)
    let two = [("mesh", "example.org", authority as TestCertificateAuthority?), ("twin", "example.org", authority)]
    #expect(
      try judge(svid, trust(two, grants: [(Self.id, "mesh"), (Self.id, "twin")])).get().federations.count == 2)
    #expect(try judge(svid, trust(two, grants: [(Self.id, "twin")])).get().federations == [Self.reference("twin")])
    #expect(refusal(svid, try trust(two, grants: []))?.kind == .notAuthorized)
  }

  @Test("a federation without a bundle refuses its own IDs, and no others")
  func noBundle() throws {
    let other = Self.id.replacing("example.org", with: "example.com")
    let trust = try trust(
      [("mesh", "example.org", nil), ("other", "example.com", stranger)],
      grants: [(Self.id, "mesh"), (other, "other")])
    #expect(refusal(try authority.issueSVID(Self.id).der, trust)?.reason.contains("bundle") == true)
    #expect(try judge(try stranger.issueSVID(other).der, trust).get().subject == other)
  }

  // MARK: On a connection

  private func connect(_ fields: Fields, _ trust: Trust) throws -> ConnectionIdentity {
    let certificates = try authority.issueSVID(fields).der
    return ConnectionIdentity(certificates: certificates, identity: try judge(certificates, trust).get())
  }

  private func call(_ binding: ConnectionIdentity, _ trust: Trust, token: String? = nil) async -> RPCError? {
    let call = CallContext(authorization: token, peer: "127.0.0.1:1", binding: binding)
    let known = authenticator.knownIdentity(of: binding, trust: trust) != nil
    switch await authenticator.verify(call, caCertificates: [], trust: trust).result() {
    case .success: return known ? nil : RPCError(.internal, "memory knows less than the rules")
    case .failure(let error): return known && token == nil ? RPCError(.internal, "memory knows more") : error
    }
  }

  @Test("a call is the SVID's until it expires")
  func expiry() async throws {
    var fields = Fields(Self.id)
    fields.validSeconds = 600
    let trust = try trust()
    let binding = try connect(fields, trust)
    #expect(await call(binding, trust) == nil)
    // The test itself takes some of the time; what is checked is that no leeway is added to the end.
    elapsed.seconds.withLock { $0 = 601 }
    #expect(await call(binding, trust) == .unauthenticated)
    #expect(await call(binding, try self.trust(generation: 2)) == .unauthenticated)
  }

  @Test("D25: an open connection ends with its grant and with its bundle, and outlives what leaves both")
  func changes() async throws {
    let trusts = [
      try trust(), try trust(generation: 2),
      // A further authority, as before a rotation, changes nothing for those of the first.
      try trust([("mesh", "example.org", authority), ("new", "example.net", stranger)], generation: 3),
    ]
    let binding = try connect(Fields(Self.id), trusts[0])
    for trust in trusts { #expect(await call(binding, trust) == nil) }
    #expect(binding.identity?.trustGeneration == 3)
    let over = [
      try trust(grants: [], generation: 4), try trust([("mesh", "example.org", stranger)], generation: 5),
      try trust([("mesh", "example.org", nil)], generation: 6),
      try trust([("mesh", "example.com", authority)], generation: 7),
      try trust([], generation: 8),
    ]
    for trust in over {
      #expect(await call(binding, trust) == .unauthenticated, "\(trust.generation)")
      #expect(
        authenticator.current(try #require(binding.identity), of: binding, trust: trust) == nil, "\(trust.generation)")
    }
    // The certificates are still good, and so is the connection when the trust is as it was.
    #expect(await call(binding, try trust(generation: 9)) == nil)
  }

  @Test("a peer that is refused is not verified again under the same trust, but once a minute")
  func remembered() async throws {
    let binding = try connect(Fields(Self.id), try trust())
    // Trusts of one generation are one trust: one that would take the peer shows whether it is looked at again.
    let (without, with) = (try trust(grants: [], generation: 2), try trust(generation: 2))
    for trust in [without, with, with] { #expect(await call(binding, trust) == .unauthenticated) }
    // Not what a call says that began before.
    #expect(await call(binding, try trust()) == nil)
    let stale = try trust([("mesh", "example.org", stranger)], generation: 0)
    #expect(await call(binding, stale) == .unauthenticated)
    elapsed.seconds.withLock { $0 = 50 }
    #expect(await call(binding, with) == .unauthenticated)
    elapsed.seconds.withLock { $0 = 61 }
    #expect(await call(binding, with) == nil)
    #expect(binding.identity?.trustGeneration == 2)
  }

  @Test("each call of a peer that is refused counts against its address, which does not keep others from being heard")
  func failures() async throws {
    let (good, bad) = (try connect(Fields(Self.id), try trust()), try connect(Fields(Self.id), try trust()))
    let failures = SharedBudget(.init(burst: 3, perSecond: 0.001))
    func ask(_ binding: ConnectionIdentity, _ trust: Trust) async -> RPCError? {
      let call = CallContext(peer: "127.0.0.1:1", binding: binding)
      return await authenticator.verify(call, caCertificates: [], trust: trust, failures: failures).result().error
    }
    let none = try trust(grants: [], generation: 2)
    for left in (0..<3).reversed() {
      #expect(await ask(bad, none) == .unauthenticated)
      #expect((failures.secondsUntilNext(at: .now) == 0) == (left > 0))
    }
    #expect(await ask(bad, none) == .unauthenticated)
    #expect(await ask(good, try trust(generation: 3)) == nil)
  }

  @Test("a token beside an SVID is refused, whosever it is")
  func twoProofs() async throws {
    let trust = try trust()
    let binding = try connect(Fields(Self.id), trust)
    for token in ["Bearer a.b.c", "Bearer ", "", "Basic x"] {
      #expect(await call(binding, trust, token: token) == .unauthenticated)
    }
    #expect(lines.all.contains { $0.contains("a token came beside the connection's SVID") })
    #expect(await call(binding, trust) == nil)
  }

  @Test("a federation for SVIDs vouches for no token")
  func noTokens() async throws {
    let place = SourceLocation(file: "t.yaml", line: 1)
    let trust = Trust(
      generation: 1,
      federations: [
        Self.reference("mesh"): .spiffe(
          SpiffeFederation(name: "mesh", trustDomain: "example.org", bundle: .workloadAPI, location: place))
      ],
      policy: PolicyIndex(authorizations: [
        Authorization(
          name: "g", federationRef: Self.reference("mesh"), subject: .oidc(issuer: "https://x", subject: "s"),
          location: place)
      ]))
    let key = try TestSigningKey()
    let token = try key.token(ServiceAccountClaims(issuer: "https://x"))
    let call = CallContext(authorization: "Bearer \(token)", peer: "127.0.0.1:1")
    #expect(await authenticator.verify(call, caCertificates: [], trust: trust).result().error == .unauthenticated)
  }
}
