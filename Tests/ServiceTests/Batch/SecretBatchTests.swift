import FederationAPI
import Ledger
import Logging
import Resources
import SecretStores
import Synchronization
import TestSupport
import Testing

@testable import Service

/// Batches over the memory world's stores, and beside them single calls for the same.
@Suite(.timeLimit(.minutes(1))) struct SecretBatchTests {
  private func batch(
    _ references: [SecretReference], _ world: MemoryWorld, token: String? = nil
  ) async throws -> Result<[Result<SecretBytes, RPCError>], RPCError> {
    let call = CallContext(authorization: "Bearer \(try token ?? world.token())", peer: "test")
    return await world.handlers.batchGetSecrets(BatchGetSecretsRequest(secrets: references), call).result()
  }

  @Test("each item has the result that a single call has, in the request's order")
  func likeSingleCalls() async throws {
    let world = try MemoryWorld()
    let names = [
      ("fake", "db"), ("fake", "nothing"), ("second", "db"), ("third", "db"), ("", "db"), ("fake", ""), ("no", "db"),
      ("fake", "empty"), (String(repeating: "s", count: 254), "k"), ("fake", String(repeating: "k", count: 1_025)),
      ("fake", "db"),
    ]
    let results = try await batch(names.map { SecretReference(store: $0.0, key: $0.1) }, world).get()
    #expect(results.count == names.count)
    let call = CallContext(authorization: "Bearer \(try world.token())", peer: "test")
    for ((store, key), result) in zip(names, results) {
      let single = await world.handlers.getSecret(GetSecretRequest(store: store, name: key), call).result()
      #expect(result == single, "\(store.prefix(9))/\(key.prefix(9))")
    }
    #expect(results[0] == .success(SecretBytes("hunter2")))
    #expect(results[3] == .failure(.notAuthorized))
  }

  @Test("properties and versions are the store's to judge")
  func propertiesAndVersions() async throws {
    let document = "{\"user\":\"ada\",\"port\":5432}"
    let world = try MemoryWorld(.with(stores: ["fake": ["doc": document, "text": "plain"]]))
    let results = try await batch(
      [
        SecretReference(store: "fake", key: "doc", property: "user"),
        SecretReference(store: "fake", key: "doc", property: "port"),
        SecretReference(store: "fake", key: "doc", property: "gone"),
        SecretReference(store: "fake", key: "text", property: "user"),
        SecretReference(store: "fake", key: "doc", version: "2"),
        SecretReference(store: "fake", key: "doc", property: String(repeating: "p", count: 1_025)),
        SecretReference(store: "fake", key: "doc", version: String(repeating: "1", count: 254)),
      ], world
    ).get()
    #expect(results[0] == .success(SecretBytes("ada")))
    #expect(results[1] == .success(SecretBytes("5432")))
    #expect(
      results[2] == .failure(RPCError(.notFound, "secret \"doc\" in store \"fake\" has no property \"gone\"")))
    #expect(results[3].code == .failedPrecondition)
    #expect(results[4] == .failure(RPCError(.notFound, "no version \"2\" of secret \"doc\" in store \"fake\"")))
    #expect(results[5] == .failure(RPCError(.invalidArgument, "property is longer than 1024 bytes")))
    #expect(results[6] == .failure(RPCError(.invalidArgument, "version is longer than 253 bytes")))
  }

  @Test("values are given up for which there is no room beside those of other calls, and answers make room again")
  func room() async throws {
    let world = try MemoryWorld(maximumHeldBytes: 30)
    let (small, large) = (SecretReference(store: "fake", key: "db"), SecretReference(store: "second", key: "db"))
    for _ in 0..<3 {
      // 7 and 13 bytes, of which one identity may have 15.
      let both = try await batch([small, large], world).get()
      #expect(both.count { $0.code == .ok } == 1 && both.count { $0 == .failure(.noRoomForValue) } == 1)
      #expect(try await batch([large, large], world).get().map(\.code) == [.ok, .ok])
    }
    // What somebody else's call holds is in the way, until it is answered.
    let identity = VerifiedIdentity(
      method: .oidc, provider: "another", subject: "s", kubernetes: nil, federations: [], expiresAtSeconds: .max)
    let share = world.handlers.valueRoom.share(of: identity)
    #expect(share.take(15))
    #expect(try await batch([small], world).get() == [.failure(.noRoomForValue)])
    share.giveBack()
    share.giveBack()
    #expect(try await batch([small], world).get().map(\.code) == [.ok])
  }

  @Test("a stranger gets no batch at all; somebody without any grant gets a refusal for each item")
  func callers() async throws {
    let world = try MemoryWorld()
    let references = [SecretReference(store: "fake", key: "db"), SecretReference(store: "", key: "")]
    #expect(try await batch(references, world, token: "x") == .failure(.unauthenticated))
    let refused = try await batch(
      [references[0], references[0]], world, token: try world.token("nobody")
    ).get()
    #expect(refused == [.failure(.notAuthorized), .failure(.notAuthorized)])
    #expect(try await batch([], world).get().isEmpty)
    let many = [SecretReference](repeating: references[0], count: 1_001)
    #expect(
      try await batch(many, world)
        == .failure(RPCError(.invalidArgument, "secrets has 1001 references, at most 1000")))
    #expect(try await batch(many, world, token: "x") == .failure(.unauthenticated))
  }

  @Test("two spellings of one character are two references")
  func bytewise() async throws {
    let world = try MemoryWorld(.with(stores: ["fake": ["caf\u{E9}": "one"]]))
    let results = try await batch(
      [SecretReference(store: "fake", key: "caf\u{E9}"), SecretReference(store: "fake", key: "cafe\u{301}")], world
    ).get()
    #expect(results[0] == .success(SecretBytes("one")))
    #expect(results[1].code == .notFound)
  }

  @Test("a batch of 1,000 names of nothing but combining marks is answered at once")
  func marks() async throws {
    let world = try MemoryWorld()
    let start = ContinuousClock.now
    let results = try await batch(
      (0..<1_000).map {
        SecretReference(store: "fake", key: String(repeating: "\u{301}\u{316}", count: 200) + "\($0)")
      },
      world
    ).get()
    #expect(results.allSatisfy { $0.code == .notFound })
    #expect(ContinuousClock.now - start < .seconds(5))
  }

  @Test("reads and refusals are in the audit trail as those of single calls are, duplicates counted")
  func audit() async throws {
    let world = try await IssuanceWorld()
    let references =
      ["db", "more", "db", "gone"].map { SecretReference(store: "fake", key: $0) } + [
        SecretReference(store: "secret", key: "db"), SecretReference(store: "secret", key: "db"),
      ]
    let request = BatchGetSecretsRequest(secrets: references)
    _ = try await world.handlers.batchGetSecrets(request, try world.call()).result().get()
    await world.issuance.journal.finish()
    let entries = try await world.audit(.readSecret)
    let counts = Dictionary(grouping: entries) { "\($0.target) \($0.outcome)" }
      .mapValues { $0.reduce(0) { $0 + $1.count } }
    #expect(counts == ["fake/db ok": 2, "fake/more ok": 1, "secret/db PERMISSION_DENIED": 2])
    let issued = try await world.ledger.identities(name: nil).flatMap(\.issuedCredentials)
    #expect(issued.count == 2)
    // Of one store that is denied there is one line, whatever a caller asks of it.
    #expect(world.log.split(separator: "\n").filter { $0.contains("secret_denied") }.count == 1)
  }
}

/// A store that counts, and holds each read until it is let go.
private final class HeldStore: SecretStore {
  private struct State {
    var reads: [SecretReference] = []
    var running = 0
    var most = 0
    var waiting: [CheckedContinuation<Void, Never>] = []
    var isOpen = false
  }
  private let state = Mutex(State())
  private let value: SecretBytes

  init(value: SecretBytes = SecretBytes("v"), isOpen: Bool = false) {
    self.value = value
    state.withLock { $0.isOpen = isOpen }
  }

  var reads: [SecretReference] { state.withLock { $0.reads } }
  var most: Int { state.withLock { $0.most } }
  var running: Int { state.withLock { $0.running } }

  func open() {
    let waiting = state.withLock { state in
      state.isOpen = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  func read(_ reference: SecretReference) -> Reply<SecretBytes> {
    .pending { [value] in
      await withCheckedContinuation { continuation in
        let isOpen = self.state.withLock { state in
          state.reads.append(reference)
          state.running += 1
          state.most = max(state.most, state.running)
          if !state.isOpen { state.waiting.append(continuation) }
          return state.isOpen
        }
        if isOpen { continuation.resume() }
      }
      self.state.withLock { $0.running -= 1 }
      return .success(value)
    }
  }
}

/// Batches over a store that waits.
@Suite(.timeLimit(.minutes(1))) struct SecretBatchConcurrencyTests {
  private func batch(_ store: HeldStore, _ references: [SecretReference]) throws -> SecretBatch {
    let identity = VerifiedIdentity(
      method: .oidc, provider: MemoryWorld.issuer, subject: "system:serviceaccount:apps:app", kubernetes: nil,
      federations: [FederationReference(kind: "KubernetesFederation", name: "a")], expiresAtSeconds: .max)
    let log = Log(level: .error) { _ in }
    let snapshot = ServiceSnapshot(
      generation: 1, manifests: .ordinary, stores: StoreRegistry(["fake": store]), generators: NoGenerators())
    let reading = StoreReading(
      caller: VerifiedCaller(identity), peer: "test", freshness: nil, snapshot: snapshot, issuance: nil,
      lines: CallerLines(log: log) { .now })
    return SecretBatch(references, reading, ByteRoom(bytes: .max))
  }

  private func until(_ condition: () -> Bool) async {
    while !condition() { await Task.yield() }
  }

  @Test("sixteen reads run at once and no more, each distinct reference once")
  func concurrency() async throws {
    let store = HeldStore()
    let references = (0..<1_000).map { SecretReference(store: "fake", key: "k\($0 % 100)") }
    let batch = try batch(store, references)
    async let results = batch.results()
    await until { store.running == 16 }
    #expect(store.reads.count == 16)
    store.open()
    let answered = try await results.get()
    #expect(answered == [Result<SecretBytes, RPCError>](repeating: .success(SecretBytes("v")), count: 1_000))
    #expect(store.most == 16)
    #expect(store.reads.count == 100 && Set(store.reads).count == 100)
  }

  @Test("a call that is given up starts no further read")
  func cancellation() async throws {
    let store = HeldStore()
    let batch = try batch(store, (0..<100).map { SecretReference(store: "fake", key: "k\($0)") })
    let task = Task { await batch.results() }
    await until { store.running == 16 }
    task.cancel()
    store.open()
    guard case .failure(let error) = await task.value else { return #expect(Bool(false), "answered") }
    #expect(error.code == .cancelled)
    #expect(store.reads.count == 16)
  }

  @Test("once the answer is full, nothing more is read")
  func fullAnswer() async throws {
    let store = HeldStore(value: SecretBytes([UInt8](repeating: 1, count: 1 << 20)), isOpen: true)
    let batch = try batch(store, (0..<1_000).map { SecretReference(store: "fake", key: "k\($0)") })
    let results = try await batch.results().get()
    #expect(results.count == 1_000)
    #expect(results.prefix { $0.code == .ok }.count == 3)
    #expect(results[3...].allSatisfy { $0 == .failure(BatchAnswer.full) })
    #expect(store.reads.count <= 4 + 16)
  }
}
