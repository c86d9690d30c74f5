import FederationAPI
import Ledger
import Testing

/// What revocations take back, seen in the ledger that another process would see.
@Suite(.serialized) struct GeneratorRevocationTests {
  static let team = GeneratorCase.database
  static let rivals = GeneratorReference(namespace: "rivals", kind: "Password", name: "database")

  private func generate(
    _ generator: GeneratorReference, _ token: String, workload: String? = nil, _ wire: GeneratorWire,
    _ world: GeneratorWorld
  ) async throws {
    let question = GeneratorQuestion(operation: .generate(generator), token: token, workloadToken: workload)
    #expect(try await wire.ask(question, in: world).status == 200)
  }

  /// How many live credentials each owner has in `namespace`.
  private func owners(in namespace: String, _ world: GeneratorWorld) async throws -> [String: Int] {
    let ledger = try await world.openLedger()
    var filter = StateFilter()
    filter.namespace = namespace
    filter.generatorKind = "Password"
    let states = try await ledger.states(filter, limit: 10_000)
    await ledger.close()
    return states.reduce(into: [:]) { $0[$1.owner.name, default: 0] += 1 }
  }

  private func clear(_ world: GeneratorWorld, _ owners: [String]) async throws {
    for owner in owners {
      for (namespace, account) in [("team", "operator"), ("rivals", "other-app")] {
        let question = GeneratorQuestion(
          operation: .revoke(namespace: namespace, owner: owner), token: try world.token(account))
        #expect(try await GeneratorWire.http.ask(question, in: world) == .revoked)
      }
    }
  }

  @Test("a workload takes back its own credentials and nobody else's", arguments: GeneratorWire.allCases)
  func revokeSelf(wire: GeneratorWire) async throws {
    let world = try await GeneratorWorld.shared.value
    try await clear(world, ["mine", "other", "app", "sibling"])
    let mine = try world.token(pod: "mine")
    for _ in 0..<3 { try await generate(Self.team, mine, wire, world) }
    try await generate(Self.team, try world.token(pod: "other"), wire, world)
    try await generate(Self.team, try world.token(pod: nil), wire, world)
    // The same pod's name, but another service account.
    try await generate(Self.team, try world.token("sibling", pod: "mine"), wire, world)
    try await generate(Self.rivals, try world.token("other-app", pod: "mine"), wire, world)

    let question = GeneratorQuestion(operation: .revokeSelf(Self.team), token: mine)
    #expect(try await wire.ask(question, in: world) == .nothing)
    #expect(
      try await owners(in: "team", world).filter { ["mine", "other", "app"].contains($0.key) } == [
        "mine": 1, "other": 1, "app": 1,
      ])
    #expect(try await owners(in: "rivals", world)["mine"] == 1)
    // Once more, when there is nothing left.
    #expect(try await wire.ask(question, in: world) == .nothing)
    try await clear(world, ["mine", "other", "app"])
  }

  @Test("D11: naming another's workload takes nothing of that workload back", arguments: GeneratorWire.allCases)
  func foreignWorkload(wire: GeneratorWire) async throws {
    let world = try await GeneratorWorld.shared.value
    try await clear(world, ["victim"])
    try await generate(Self.team, try world.token(pod: "victim"), wire, world)
    let victim = try world.token(pod: "victim")
    let attacker = GeneratorQuestion(
      operation: .revokeSelf(Self.team), token: try world.token("sibling", pod: "evil"), workloadToken: victim)
    #expect(try await wire.ask(attacker, in: world) == .nothing)
    let forged = GeneratorQuestion(
      operation: .revokeSelf(Self.team), token: try world.token("sibling", pod: "evil"),
      workloadToken: try world.token(pod: "victim", signedBy: world.strangerKey))
    #expect(try await wire.ask(forged, in: world).status == 400)
    #expect(try await owners(in: "team", world)["victim"] == 1)
    try await clear(world, ["victim"])
  }

  @Test(
    "D5: a cluster that publishes another's keys takes nothing back of what the other's workload was given",
    arguments: GeneratorWire.allCases)
  func publishedKeys(wire: GeneratorWire) async throws {
    let world = try await GeneratorWorld.shared.value
    try await clear(world, ["twin"])
    let (own, alien) = (
      try world.token("shared", pod: "twin"), try world.token("shared", pod: "twin", signedBy: world.alienKey)
    )
    for token in [own, own, alien] { try await generate(Self.team, token, wire, world) }
    let disputed = GeneratorAnswer.failure(
      400,
      "2 of this workload's credentials were made for a token that other federations vouched for, too, and they do not "
        + "vouch for this one: try again later, or have RevokeCredentials take them back")
    // The first takes its own back, the second finds nothing that is its own.
    for _ in 0..<2 {
      let asked = GeneratorQuestion(operation: .revokeSelf(Self.team), token: alien)
      #expect(try await wire.ask(asked, in: world) == disputed)
      #expect(try await owners(in: "team", world)["twin"] == 2)
    }
    let ledger = try await world.openLedger()
    var filter = StateFilter()
    filter.ownerLabel = "twin"
    let states = try await ledger.states(filter, limit: 9)
    #expect(states.allSatisfy { $0.identity.federations.byName.map(\.name) == ["alien", "cluster"] })
    await ledger.close()
    let asked = GeneratorQuestion(operation: .revokeSelf(Self.team), token: own)
    #expect(try await wire.ask(asked, in: world) == .nothing)
    #expect(try await owners(in: "team", world)["twin"] == nil)
  }

  @Test("D10: a revocation reaches its own namespace only, whatever body, path or label say")
  func otherNamespaces() async throws {
    let world = try await GeneratorWorld.shared.value
    try await clear(world, ["target"])
    try await generate(Self.rivals, try world.token("other-app", pod: "target"), .ttrpc, world)
    let operatorToken = try world.token("operator")
    func http(_ path: String, _ body: String) async throws -> GeneratorAnswer {
      try await GeneratorWire.send("POST", path, body, operatorToken, nil, world)
    }
    var refused: [GeneratorAnswer] = []
    for body in [
      #"{"owner":"target","namespace":"rivals"}"#, #"{"owner":"target","namespace":""}"#,
      #"{"owner":"target","namespace":"*"}"#, #"{"owner":"target","namespace":["team","rivals"]}"#,
      #"{"owner":"target","namespace":{"team":1}}"#, #"{"owner":"","namespace":"team"}"#, #"{"namespace":"team"}"#,
      #"{"owner":"target,namespace=rivals"}"#, #"{"owner":"rivals/target"}"#, #"{"owner":["target"]}"#,
      #"{"owner":"target\u0000"}"#, #"{"owner":"target","Namespace":"rivals","namespace":"rivals"}"#,
    ] {
      refused.append(try await http("/generators/team/revoke", body))
    }
    for path in [
      "/generators/rivals/revoke", "/generators/team%2F..%2Frivals/revoke", "/generators/team%00rivals/revoke",
      "/generators/%72ivals/revoke", "/generators/RIVALS/revoke", "/generators/rivals./revoke",
      "/generators/*/revoke", "/generators/team/../rivals/revoke", "/generators//revoke",
      "/generators/team/revoke/../../rivals/revoke", "/generators/rivals%20/revoke", "/generators/team,rivals/revoke",
    ] {
      refused.append(try await http(path, #"{"owner":"target"}"#))
    }
    for answer in refused { #expect([400, 404].contains(answer.status), "\(answer)") }
    for namespace in ["rivals", "", "team\u{0}rivals", "*", "team,rivals"] {
      let question = GeneratorQuestion(
        operation: .revoke(namespace: namespace, owner: "target"), token: operatorToken)
      let answer = await Result { try await GeneratorWire.ttrpc.ask(question, in: world) }
      if case .success(let answer) = answer { #expect([400, 404].contains(answer.status), "\(answer)") }
    }
    #expect(try await owners(in: "rivals", world)["target"] == 1)
    try await clear(world, ["target"])
    #expect(try await owners(in: "rivals", world)["target"] == nil)
  }
}

extension Result where Failure == any Error {
  /// The outcome of `body`, waited for.
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
