import FederationAPI
import Ledger
import Testing

@testable import Service

@Suite(.timeLimit(.minutes(1))) struct ExternalSecretResolutionTests {
  private static let world = Task { try await ResolveWorld() }
  private static let generated = #"{"sourceRef":{"generatorRef":{"kind":"Webhook","name":"database"}}}"#

  @Test("an ExternalSecret's values", arguments: ResolveCase.all)
  func values(asked: ResolveCase) async throws {
    let world = try await Self.world.value
    let result = try await world.resolve(data: asked.data, dataFrom: asked.dataFrom)
    #expect(result == (asked.failure.map { .failure($0) } ?? .success(asked.expected)))
  }

  @Test("the table has the breadth that is asked of it, and no case twice")
  func breadth() {
    #expect(ResolveCase.all.count >= 70)
    #expect(Set(ResolveCase.all.map { "\($0.data) \($0.dataFrom)" }).count == ResolveCase.all.count)
  }

  @Test("who is not known learns nothing, who has no grant no more than that")
  func callers() async throws {
    let world = try await Self.world.value
    let data = #"[{"secretKey":"p","remoteRef":{"key":"gone"}}]"#
    let stranger = CallContext(authorization: "Bearer x", peer: "test")
    let request = ResolveExternalSecretRequest(store: "fake", data: Array("{".utf8))
    #expect(
      await world.handlers.resolveExternalSecret(request, stranger).result() == .failure(.unauthenticated))
    #expect(try await world.resolve(data: data, account: "other") == .failure(.notAuthorized))
    #expect(
      try await world.resolve(data: data, store: "")
        == .failure(RPCError(.invalidArgument, "data[0]: store is required")))
  }

  @Test("a generator issues once all else is there, and what it gives can be rewritten")
  func generator() async throws {
    let world = try await ResolveWorld()
    let failing = #"[{"secretKey":"p","remoteRef":{"key":"gone"}}]"#
    #expect(try await world.resolve(data: failing, dataFrom: "[\(Self.generated)]").code == .notFound)
    #expect(world.generator.made.isEmpty && world.generator.planned == 0)
    let rewritten =
      #"[{"sourceRef":{"generatorRef":{"kind":"Webhook","name":"database","namespace":"default"}},"#
      + #""rewrite":[{"regexp":{"source":"^","target":"db-"}}]},{"extract":{"key":"dev"}}]"#
    let values = try await world.resolve(dataFrom: rewritten).get()
    #expect(values == ["db-password": "VALUE-THAT-NOBODY-STORES-c1", "password": "bar"])
    #expect(world.generator.made == ["c1"])
    let states = try await world.ledger.everyState()
    #expect(states.map(\.generator) == [ResolveWorld.generator])
    // Of items with one key the later wins, also where the earlier was issued later.
    let later = try await world.resolve(dataFrom: "[\(Self.generated),{\"extract\":{\"key\":\"dev\"}}]").get()
    #expect(later == ["password": "bar"])
  }

  @Test("what was read and what was refused is in the audit trail; a call that fails gave nothing")
  func audit() async throws {
    let world = try await ResolveWorld()
    _ = try await world.resolve(data: #"[{"secretKey":"p","remoteRef":{"key":"db"}}]"#).get()
    _ = try await world.resolve(dataFrom: #"[{"find":{"name":{"regexp":"^b64"}}},{"extract":{"key":"dev"}}]"#).get()
    _ = try await world.resolve(
      data: #"[{"secretKey":"p","remoteRef":{"key":"prod"}},{"secretKey":"q","remoteRef":{"key":"gone"}}]"#)
    _ = try await world.resolve(data: #"[{"secretKey":"p","remoteRef":{"key":"db"}}]"#, store: "denied")
    _ = try await world.resolve(dataFrom: #"[{"find":{"path":"x"}}]"#, store: "denied")
    await world.issuance.journal.finish()
    let entries = try await world.ledger.audit(AuditFilter(), limit: 100)
    #expect(
      Set(entries.map { "\($0.target) \($0.outcome)" }) == [
        "fake/db ok", "fake/b64 ok", "fake/b64url ok", "fake/dev ok", "denied/db PERMISSION_DENIED",
        "denied/* PERMISSION_DENIED",
      ])
  }

  @Test("items, generators, operations and JSON are bounded")
  func bounds() async throws {
    let world = try await Self.world.value
    func many(_ item: String, _ count: Int) -> String {
      "[" + [String](repeating: item, count: count).joined(separator: ",") + "]"
    }
    let item = #"{"secretKey":"p","remoteRef":{"key":"db"}}"#
    #expect(try await world.resolve(data: many(item, 1_000)).code == .ok)
    #expect(
      try await world.resolve(data: many(item, 1_001))
        == .failure(RPCError(.invalidArgument, "data: has more than 1000 items")))
    let extract = #"{"extract":{"key":"dev"}}"#
    #expect(try await world.resolve(dataFrom: many(extract, 100)).code == .ok)
    #expect(
      try await world.resolve(dataFrom: many(extract, 101))
        == .failure(RPCError(.invalidArgument, "dataFrom: has more than 100 items")))
    #expect(
      try await world.resolve(dataFrom: many(Self.generated, 17))
        == .failure(RPCError(.invalidArgument, "dataFrom: names more than 16 generators")))
    let rewrites = many(#"{"regexp":{"source":"a","target":"b"}}"#, 33)
    #expect(
      try await world.resolve(dataFrom: "[{\"extract\":{\"key\":\"dev\"},\"rewrite\":\(rewrites)}]")
        == .failure(RPCError(.invalidArgument, "dataFrom[0].rewrite: has more than 32 operations")))
    let long = "[" + String(repeating: " ", count: 262_144) + "]"
    #expect(
      try await world.resolve(data: long)
        == .failure(RPCError(.invalidArgument, "data: the JSON text is longer than 262144 bytes")))
  }

  @Test("2,000 mutations of an ExternalSecret are resolved or refused with a client's error")
  func mutation() async throws {
    let world = try await Self.world.value
    // One token for all: to make and verify one takes longer than all the rest of a call.
    let call = try world.call()
    // Side by side: each call waits for threads now and then, which other tests may have.
    await withTaskGroup { group in
      for _ in 0..<20 { group.addTask { await Self.resolveMutations(100, world, call) } }
    }
  }

  private static let allowed: Set<StatusCode> = [
    .ok, .invalidArgument, .notFound, .failedPrecondition, .permissionDenied, .resourceExhausted,
  ]

  private static func resolveMutations(_ count: Int, _ world: ResolveWorld, _ call: CallContext) async {
    var random = SystemRandomNumberGenerator()
    let texts = ResolveCase.all.flatMap { [$0.data, $0.dataFrom] }.filter { $0.utf8.count > 10 }
    let alphabet = Array(#"[]{}",:\0a1 (*$"#.utf8)
    for _ in 0..<count {
      var bytes = Array((texts.randomElement(using: &random) ?? "[]").utf8)
      for _ in 0..<Int.random(in: 1...3) {
        bytes[Int.random(in: 0..<bytes.count)] = alphabet.randomElement(using: &random) ?? 0
      }
      let isData = Bool.random()
      let request = ResolveExternalSecretRequest(
        store: "fake", data: isData ? bytes : [], dataFrom: isData ? [] : bytes)
      let code = await world.handlers.resolveExternalSecret(request, call).result().code
      #expect(allowed.contains(code), "\(String(decoding: bytes, as: UTF8.self))")
    }
  }
}
