import FederationAPI
import Identity
import Resources
import TestSupport
import Testing

/// What a connection is worth to which Authenticate bound an identity.
@Suite struct BoundIdentityTests {
  private let bed: IdentityTestBed
  private let binding = ConnectionIdentity()

  init() async throws {
    bed = try IdentityTestBed()
    binding.bind(try await bed.verify(try bed.token(lifetime: 100)).get())
  }

  @Test("serves calls without authorization until the token expires")
  func untilExpiry() async {
    #expect(bed.begin(nil, binding: binding).isReady)
    #expect(await bed.verify(nil, binding: binding).isVerified)
    bed.clock.advance(160)
    #expect(await bed.verify(nil, binding: binding).error == .unauthenticated)
  }

  @Test("never stands in for an authorization that is bad")
  func badAuthorization() async throws {
    let broken = TestToken.withBrokenSignature(try bed.token())
    #expect(await bed.verify(broken, binding: binding).error == .unauthenticated)
    #expect(await bed.verify("", binding: binding).error == .unauthenticated)
  }

  @Test("gives way to the call's own token")
  func ownToken() async throws {
    let identity = try await bed.verify(try bed.token(serviceAccount: "other"), binding: binding).get()
    #expect(identity.subject == "system:serviceaccount:apps:other")
  }

  @Test("is nothing on a connection that is not bound")
  func unbound() async {
    #expect(await bed.verify(nil, binding: ConnectionIdentity()).error == .unauthenticated)
  }

  @Test("outlives changes elsewhere in the manifests")
  func otherChanges() async {
    let trust = Trust.of(
      [.named("cluster-a", IdentityTestBed.url), .named("new", "https://new.test")],
      [.granting("cluster-a", serviceAccount: "other"), .granting("new")], generation: 2)
    #expect(await bed.verify(nil, trust: trust, binding: binding).isVerified)
  }

  @Test("is told what its token would be when the last Authorization of its federation for the issuer goes")
  func unnamedIssuer() async throws {
    let token = try bed.token()
    let grants: [[Authorization]] = [[], [.granting("cluster-a", issuer: "https://other.test")]]
    for (index, authorizations) in grants.enumerated() {
      let trust = Trust.of(
        [.named("cluster-a", IdentityTestBed.url)], authorizations, generation: UInt64(index) + 2)
      #expect(await bed.verify(token, trust: trust).error == .unauthenticated)
      #expect(await bed.verify(nil, trust: trust, binding: binding).error == .unauthenticated)
    }
    let trust = Trust.of([.named("cluster-a", IdentityTestBed.url)], [.granting("cluster-a")], generation: 9)
    #expect(await bed.verify(nil, trust: trust, binding: binding).isVerified)
  }

  @Test("ends when the federation is removed, moves, or wants other proof")
  func federationChanged() async throws {
    let changed: [[KubernetesFederation]] = [
      [], [.named("cluster-a", "https://moved.test")],
      [.named("cluster-a", IdentityTestBed.url, audiences: ["ese"])],
      [.named("cluster-a", IdentityTestBed.url, caBundle: try TestCertificateAuthority().certificatePEM)],
    ]
    var generation: UInt64 = 1
    for federations in changed {
      let identity = try await bed.verify(
        try bed.token(),
        trust: .of(
          [.named("cluster-a", IdentityTestBed.url)], [.granting("cluster-a")], generation: generation)
      ).get()
      binding.bind(identity)
      let trust = Trust.of(federations, [.granting("cluster-a")], generation: generation + 1)
      #expect(await bed.verify(nil, trust: trust, binding: binding).error == .unauthenticated)
      // Back as it was: still another federation than the one that vouched.
      let restored = Trust.of(
        [.named("cluster-a", IdentityTestBed.url)], [.granting("cluster-a")], generation: generation + 2)
      #expect(await bed.verify(nil, trust: restored, binding: binding).error == .unauthenticated)
      generation += 2
    }
  }
}
