import FederationAPI
import JSON
import Ledger
import Resources
import TestSupport
import Testing

@testable import Service

/// Who may take back what (docs/SECURITY.md, D10 and D11).
@Suite(.timeLimit(.minutes(1))) struct RevocationTests {
  @Test("D11: takes back what the same identity was given for the same workload, generator and namespace, only")
  func ownOnly() async throws {
    let world = try await IssuanceWorld(
      .issuing([
        "app": [IssuanceWorld.database, IssuanceWorld.other, IssuanceWorld.elsewhere],
        "other": [IssuanceWorld.database],
      ]))
    let (mine, otherPod) = (try world.call(), try world.call(world.claims(pod: "app-1")))
    let samePodName = try world.call(world.claims("other"))
    for (generator, call) in [
      (IssuanceWorld.database, mine), (IssuanceWorld.database, mine), (IssuanceWorld.other, mine),
      (IssuanceWorld.elsewhere, mine), (IssuanceWorld.database, otherPod), (IssuanceWorld.database, samePodName),
    ] {
      #expect(try await world.generate(generator, call).code == .ok)
    }
    #expect(try await world.revokeSelf(IssuanceWorld.database, mine) == .ok)
    #expect(world.generator.cleaned.sorted() == ["c1", "c2"])
    #expect(world.generator.existing == ["c3", "c4", "c5", "c6"])
    let audit = try await world.audit(.revokeSelf)
    #expect(audit.count == 2 && audit.allSatisfy { $0.identity?.subject == "system:serviceaccount:apps:app" })
    // Once more finds nothing, which is as well.
    #expect(try await world.revokeSelf(IssuanceWorld.database, mine) == .ok)
    #expect(world.generator.existing.count == 4)
  }

  @Test(
    "D5: another cluster's subject of the same issuer and name, and pod, takes back its own only, and the audit trail tells"
  )
  func sharedIssuer() async throws {
    var manifests = Manifests.issuing(federations: ["a", "b"])
    manifests.authorizations += Manifests.issuing(federation: "b").authorizations
    let world = try await IssuanceWorld(manifests)
    let other = try TestSigningKey()
    world.issuers.serve([other], at: "b.test")
    let ofB = CallContext(authorization: "Bearer \(try other.token(world.claims()))", peer: "192.0.2.2:1")
    for call in [try world.call(), ofB] { #expect(try await world.generate(IssuanceWorld.database, call).code == .ok) }
    #expect(try await world.revokeSelf(IssuanceWorld.database, ofB) == .ok)
    #expect(world.generator.existing == ["c1"])
    #expect(try await world.revokeSelf(IssuanceWorld.database, ofB) == .ok)
    #expect(world.generator.existing == ["c1"])
    #expect(try await world.revokeSelf() == .ok)
    #expect(world.generator.existing == [])
    for (action, order) in [(AuditEntry.Action.generate, ["a", "b"]), (.revokeSelf, ["b", "a"])] {
      #expect(try await world.audit(action).map { $0.identity?.federations.map(\.name) } == order.map { [$0] })
    }
  }

  @Test("D11: another subject that says it is the same pod revokes nothing and is told 200, however it says so")
  func samePodName() async throws {
    let world = try await IssuanceWorld()
    #expect(try await world.generate().code == .ok)
    let claimed = try world.key.token(world.claims())
    for call in [
      try world.call(world.claims("other")), try world.call(world.claims("other", pod: "x"), workloadToken: claimed),
    ] {
      #expect(try await world.revokeSelf(IssuanceWorld.database, call) == .ok)
    }
    #expect(world.generator.existing == ["c1"])
    #expect(try await world.phases() == ["app-0": [.live]])
  }

  @Test("D11: of two workloads with the same name that one caller acts for, each takes back its own")
  func sameNameElsewhere() async throws {
    let world = try await IssuanceWorld()
    let plain = world.claims().overriding(["kubernetes.io": JSONValue?.none])
    func call(_ namespace: String, pod: String?, uid: String = "u", account: String = "cart") throws -> CallContext {
      var claims = ServiceAccountClaims(
        issuer: "https://nobody.test", namespace: namespace, serviceAccount: account, now: world.clock.wallSeconds)
      claims.pod = pod.map { ($0, uid) }
      return try world.call(plain, workloadToken: try world.key.token(claims))
    }
    let (shop, prod) = (try call("shop", pod: "cart"), try call("prod", pod: "cart"))
    let account = try call("shop", pod: nil)
    for call in [shop, prod, account] { #expect(try await world.generate(IssuanceWorld.database, call).code == .ok) }
    #expect(try await world.ledger.everyState().allSatisfy { $0.owner.label == "cart" })
    #expect(try await world.revokeSelf(IssuanceWorld.database, try call("shop", pod: "cart", uid: "new")) == .ok)
    #expect(world.generator.existing == ["c2", "c3"])
    #expect(try await world.revokeSelf(IssuanceWorld.database, account) == .ok)
    #expect(world.generator.existing == ["c2"])
  }

  @Test("D10: revokes an owner's credentials of every identity, in its namespace only")
  func oneNamespace() async throws {
    let world = try await IssuanceWorld(
      .issuing(["app": [IssuanceWorld.database, IssuanceWorld.elsewhere], "other": [IssuanceWorld.database]]))
    #expect(try await world.generate().code == .ok)
    #expect(try await world.generate(IssuanceWorld.elsewhere).code == .ok)
    #expect(try await world.generate(IssuanceWorld.database, world.call(world.claims("other"))).code == .ok)
    #expect(try await world.generate(IssuanceWorld.database, world.call(world.claims(pod: "app-00"))).code == .ok)
    #expect(try await world.revoke("app-0", in: "elsewhere") == .failure(.notAuthorized))
    #expect(try await world.revoke("app-0", in: "Team") == .failure(.notAuthorized))
    #expect(world.generator.existing.count == 4)
    #expect(try await world.revoke("app-0").code == .ok)
    #expect(world.generator.existing == ["c2", "c4"])
    #expect(try await world.revoke("nobody").code == .ok)
    #expect(try await world.audit(.revoke).map(\.detail) == ["revoked for its owner", "revoked for its owner"])
  }

  @Test(
    "D10: what is no owner label is refused, and revokes nothing",
    arguments: [
      "", String(repeating: "a", count: 64), "a,b", "a=b", "*", "%", "_", "app_0%", "caf\u{E9}", "app-0\n", "\n", "'",
      "app-0' OR '1'='1", "\"", "-app", "app-", ".", "app 0", "app-0\u{0}", "\u{212A}",
    ])
  func badLabels(owner: String) async throws {
    let world = try await IssuanceWorld()
    #expect(try await world.generate().code == .ok)
    let refused = try await world.revoke(owner)
    #expect(refused.code == .invalidArgument && refused.message.hasPrefix("owner "))
    #expect(!world.ledger.takeOperations().contains(.mark))
    #expect(world.generator.existing == ["c1"])
  }

  @Test("a namespace that is empty or too long is refused")
  func badNamespaces() async throws {
    let world = try await IssuanceWorld()
    for namespace in ["", String(repeating: "n", count: 64)] {
      #expect(try await world.revoke("app-0", in: namespace).code == .invalidArgument)
    }
  }

  @Test("D21: a cleanup that fails is told, who asked is noted, and the reaper goes on with it")
  func cleanupFails() async throws {
    let world = try await IssuanceWorld()
    for _ in 0..<3 { #expect(try await world.generate().code == .ok) }
    world.generator.beforeCleaning { id throws(RPCError) in
      if id == "c2" { throw RPCError(.unavailable, "away") }
    }
    let told = try await world.revoke("app-0")
    #expect(told.code == .unavailable && told.message.hasPrefix("1 of 3 credentials"))
    #expect(try await world.phases() == ["app-0": [.revoking]])
    await world.issuance.journal.flush()
    #expect(try await world.audit(.revoke).map(\.outcome).sorted() == ["UNAVAILABLE", "ok", "ok"])
    world.generator.beforeCleaning { _ in }
    world.clock.advance(5)
    await world.reaper.pass()
    try await world.expectNothingLeft()
    #expect(try await world.audit(.cleanUp).map(\.detail) == ["revoked for its owner"])
  }

  @Test("a ledger that is away: UNAVAILABLE, and nothing is touched")
  func ledgerAway() async throws {
    let world = try await IssuanceWorld()
    #expect(try await world.generate().code == .ok)
    world.ledger.fail(.mark)
    #expect(try await world.revokeSelf() == .unavailable)
    #expect(try await world.revoke("app-0") == .failure(.ledgerUnavailable))
    world.ledger.recover()
    world.ledger.fail(.forget)
    #expect(try await world.revokeSelf() == .unavailable)
    world.ledger.recover()
    await world.reaper.pass()
    try await world.expectNothingLeft()
  }
}

extension Result where Success == Void, Failure == RPCError {
  fileprivate static func == (left: Self, right: Self) -> Bool {
    left.code == right.code && left.message == right.message
  }
}
