import FederationAPI
import JSON
import Ledger
import Resources
import TestSupport
import Testing

@testable import Service

/// What an `x-workload-token` changes: whom a credential belongs to, and never what is allowed (D11).
@Suite(.timeLimit(.minutes(1))) struct WorkloadAttributionTests {
  /// A token that is like the caller's own but for the workload that it names.
  private func claims(_ world: IssuanceWorld, issuer: String = MemoryWorld.issuer) -> ServiceAccountClaims {
    var claims = ServiceAccountClaims(
      issuer: issuer, namespace: "shop", serviceAccount: "cart", now: world.clock.wallSeconds)
    claims.pod = ("cart-7", "cart-uid")
    return claims
  }

  private static let cart = WorkloadBinding(kind: "Pod", name: "cart-7", uid: "cart-uid", namespace: "shop")
  private static let own = WorkloadBinding(kind: "Pod", name: "app-0", uid: "pod-uid", namespace: "apps")

  private func owner(_ world: IssuanceWorld, _ call: CallContext) async throws -> WorkloadBinding? {
    _ = try await world.generate(IssuanceWorld.database, call).get()
    return try await world.ledger.everyState().last?.owner.workload
  }

  private func refusal(_ world: IssuanceWorld, _ call: CallContext) async throws -> String {
    let result = try await world.generate(IssuanceWorld.database, call)
    #expect(result.code == .invalidArgument)
    #expect(result.message.hasPrefix("invalid x-workload-token: "))
    #expect(world.generator.planned == 0)
    return result.message
  }

  @Test("absent, or equal to what was proved: the caller's own workload, whatever else the token is")
  func own() async throws {
    let world = try await IssuanceWorld()
    #expect(try await owner(world, world.call()) == Self.own)
    var foreign = world.claims()
    foreign.issuer = "https://nobody.test"
    for token in [
      try world.key.token(world.claims()), try world.key.token(foreign),
      TestToken.withBrokenSignature(try world.key.token(world.claims())),
    ] {
      #expect(try await owner(world, world.call(workloadToken: token)) == Self.own)
    }
  }

  @Test("another workload of a known issuer, verified: attributed to it, asked for by the caller")
  func verified() async throws {
    let world = try await IssuanceWorld()
    let call = try world.call(workloadToken: try world.key.token(claims(world)))
    #expect(try await owner(world, call) == Self.cart)
    let state = try #require(try await world.ledger.everyState().first)
    #expect(state.owner.name == "cart-7" && state.owner.label == "cart-7")
    #expect(state.owner.attributes["namespace"] == "shop" && state.owner.attributes["pod-uid"] == "cart-uid")
    #expect(state.identity.subject == "system:serviceaccount:apps:app")
    // Back in the same way, and not as the caller's own.
    #expect(try await world.revokeSelf() == .ok)
    #expect(world.generator.existing == ["c1"])
    #expect(try await world.revokeSelf(IssuanceWorld.database, call) == .ok)
    try await world.expectNothingLeft()
  }

  @Test("of a known issuer but not good: refused, and the reason is not told")
  func unverified() async throws {
    let world = try await IssuanceWorld()
    let token = try world.key.token(claims(world))
    var expired = claims(world)
    (expired.issuedAt, expired.expiresAt) = (MemoryWorld.start - 900, MemoryWorld.start - 100)
    let stranger = try TestSigningKey()
    for bad in [
      TestToken.withBrokenSignature(token), try world.key.token(expired), try stranger.token(claims(world)),
      TestToken.assemble(header: ["alg": "none"], claims: claims(world).json),
    ] {
      let text = try await refusal(world, world.call(workloadToken: bad))
      #expect(text == "invalid x-workload-token: it does not verify")
    }
  }

  @Test("of a known issuer but for another audience: refused")
  func audience() async throws {
    var manifests = Manifests.issuing()
    manifests.kubernetesFederations[0].audiences = ["https://kubernetes.default.svc"]
    let world = try await IssuanceWorld(manifests)
    var other = claims(world)
    other.audiences = ["vault"]
    _ = try await refusal(world, world.call(workloadToken: try world.key.token(other)))
    other.audiences.append("https://kubernetes.default.svc")
    #expect(try await owner(world, world.call(workloadToken: try world.key.token(other))) == Self.cart)
  }

  @Test("of an issuer that nobody knows, or of none: refused when it names another workload than was proved")
  func unknownIssuer() async throws {
    let world = try await IssuanceWorld()
    let nameless = claims(world).overriding(["iss": JSONValue?.none])
    for claims in [claims(world, issuer: "https://nobody.test"), nameless, claims(world).overriding(["iss": 7])] {
      let text = try await refusal(world, world.call(workloadToken: try world.key.token(claims)))
      #expect(text.hasSuffix("it names another workload than the caller's own token does"))
    }
    // Another UID is another pod, another namespace another workload.
    var other = world.claims(uid: "other-uid")
    other.issuer = "https://nobody.test"
    _ = try await refusal(world, world.call(workloadToken: try world.key.token(other)))
  }

  @Test("a caller whose proof names no workload is believed, for attribution")
  func withoutWorkload() async throws {
    let world = try await IssuanceWorld()
    let plain = world.claims().overriding(["kubernetes.io": JSONValue?.none])
    let token = try world.key.token(claims(world, issuer: "https://nobody.test"))
    let call = try world.call(plain, workloadToken: token)
    #expect(try await owner(world, call) == Self.cart)
    #expect(try await world.revokeSelf(IssuanceWorld.database, call) == .ok)
    try await world.expectNothingLeft()
    // Not by a token of an issuer that could have been asked.
    let forged = TestToken.withBrokenSignature(try world.key.token(claims(world)))
    #expect(
      try await world.generate(IssuanceWorld.database, world.call(plain, workloadToken: forged)).code
        == .invalidArgument)
  }

  @Test("malformed: refused for what it lacks, on every call, once the caller is known")
  func malformed() async throws {
    let world = try await IssuanceWorld()
    let text = try await refusal(world, world.call(workloadToken: "no token"))
    #expect(text.hasPrefix("invalid x-workload-token: failed to parse x-workload-token: "))
    let bare = TestToken.assemble(header: ["alg": "none"], claims: ["iss": "x"])
    #expect(
      try await refusal(world, world.call(workloadToken: bare))
        == "invalid x-workload-token: x-workload-token missing kubernetes.io.namespace")
    let call = try world.call(workloadToken: "no token")
    let read = await world.handlers.getSecret(GetSecretRequest(store: "fake", name: "db"), call).result()
    #expect(read.code == .invalidArgument)
    #expect(try await world.revoke("app-0", in: "team", call).code == .invalidArgument)
    let unknown = CallContext(authorization: "Bearer x.y.z", workloadToken: "no token", peer: "p")
    #expect(try await world.generate(IssuanceWorld.database, unknown) == .failure(.unauthenticated))
  }

  @Test("a good token of a workload that may does not let a caller that may not, nor may it stand for the caller")
  func neverGrants() async throws {
    let world = try await IssuanceWorld()
    let granted = try world.key.token(world.claims())
    let call = try world.call(world.claims("nobody"), workloadToken: granted)
    #expect(try await world.generate(IssuanceWorld.database, call) == .failure(.notAuthorized))
    #expect(try await world.revoke("app-0", in: "team", call).code == .permissionDenied)
    let read = await world.handlers.getSecret(GetSecretRequest(store: "fake", name: "db"), call).result()
    #expect(read == .failure(.notAuthorized))
    let alone = CallContext(workloadToken: granted, peer: "p")
    #expect(try await world.generate(IssuanceWorld.database, alone) == .failure(.unauthenticated))
    // A caller that may is not held to what the workload may not.
    let cart = try world.call(workloadToken: try world.key.token(claims(world)))
    #expect(try await world.generate(IssuanceWorld.database, cart).code == .ok)
  }
}
