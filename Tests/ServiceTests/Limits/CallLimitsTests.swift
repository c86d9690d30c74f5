import FederationAPI
import SecretStores
import Synchronization
import TestSupport
import Testing

@testable import Service

/// Limits of identities and addresses, from memory and by the handlers, while a clock stands still.
@Suite(.timeLimit(.minutes(1))) struct CallLimitsTests {
  private func world(_ set: (inout CallLimits) -> Void) throws -> MemoryWorld {
    var limits = CallLimits.none
    set(&limits)
    return try MemoryWorld(limits: limits)
  }

  private func memory(_ world: MemoryWorld) throws -> any ImmediateAnswers {
    try #require(world.handlers.makeImmediateAnswers())
  }

  /// Asks the handlers alone.
  private func ask(
    _ world: MemoryWorld, _ token: String?, peer: String = "192.0.2.1:1"
  ) async -> Result<SecretBytes, RPCError> {
    let call = CallContext(authorization: token.map { "Bearer \($0)" }, peer: peer)
    return await world.handlers.getSecret(GetSecretRequest(store: "fake", name: "db"), call).result()
  }

  private func isRefused(_ result: Result<SecretBytes, RPCError>, advice: Double) -> Bool {
    guard case .failure(let error) = result else { return false }
    return error.code == .resourceExhausted && error.retryAfterSeconds.map { abs($0 - advice) < 1e-6 } ?? false
  }

  @Test("an identity's calls count on every loop and connection, under every token, and come back with time")
  func identity() async throws {
    let world = try world { $0.requestsPerIdentity = 5 }
    let (one, other) = (try world.token(), try world.token(lifetime: 1_800))
    let sessions = try (0..<2).map { _ in try memory(world).session(binding: nil, peer: "192.0.2.1:1") }
    // Each is asked of the handlers only: keys are fetched, tokens verified.
    for token in [one, other] { #expect(await ask(world, token) == .success(SecretBytes("hunter2"))) }
    func answers(_ token: String, _ session: Int) -> Bool {
      sessions[session].secret(
        store: "fake".utf8.span.bytes, name: "db".utf8.span.bytes, caCertificates: RawSpan(),
        authorization: "Bearer \(token)".utf8.span.bytes, now: world.clock.monotonic) != nil
    }
    let fromMemory = (0..<9).map { answers([one, other][$0 % 2], $0 / 2 % 2) }
    #expect(fromMemory == [true, true, true, true, true, true, true, true, false], "ten, of which two are used")
    #expect(isRefused(await ask(world, other), advice: 0.2))
    #expect(await ask(world, try world.token("other")) == .success(SecretBytes("hunter2")), "another's are its own")
    world.clock.advance(0.2)
    #expect(answers(other, 0))
    #expect(!answers(one, 1))
    #expect(world.handlers.measures.refusedCalls["requests-per-identity"] == 1)
  }

  @Test("another cluster's subject of the same issuer and name has a limit of its own")
  func sharedIssuer() async throws {
    var limits = CallLimits.none
    limits.requestsPerIdentity = 2
    let world = try MemoryWorld(.with(second: "https://b.test"), limits: limits)
    let other = try TestSigningKey()
    world.issuers.serve([other], at: "b.test")
    let claims = ServiceAccountClaims(issuer: MemoryWorld.issuer, serviceAccount: "app", now: world.clock.wallSeconds)
    let ofB = try other.token(claims)
    var answers = [await ask(world, ofB)]
    while case .success = answers[answers.count - 1], answers.count < 9 { answers.append(await ask(world, ofB)) }
    #expect(answers.count == 5, "four, as for two seconds, and one that is refused")
    for _ in 0..<2 { #expect(await ask(world, try world.token()) == .success(SecretBytes("hunter2"))) }
  }

  @Test("an identity that is bound to a connection is held by the same limit")
  func bound() async throws {
    let world = try world { $0.requestsPerIdentity = 1 }
    let binding = ConnectionIdentity()
    try await world.authenticate(try world.token(), binding)
    let session = try memory(world).session(binding: binding, peer: "192.0.2.1:1")
    let answered = (0..<2).map { _ in
      session.secret(
        store: "fake".utf8.span.bytes, name: "db".utf8.span.bytes, caCertificates: RawSpan(), authorization: RawSpan(),
        now: world.clock.monotonic) != nil
    }
    #expect(answered == [true, false])
  }

  @Test("an address's calls count with and without tokens, and another address has its own")
  func address() async throws {
    let world = try world { $0.requestsPerAddress = 1 }
    let token = try world.token()
    #expect(await ask(world, token) == .success(SecretBytes("hunter2")))
    let session = try memory(world).session(binding: nil, peer: "192.0.2.1:2")
    #expect(await ask(world, nil) == .failure(.unauthenticated))
    let authorization = "Bearer \(token)"
    func answer(_ session: any ImmediateSession) -> SecretBytes? {
      session.secret(
        store: "fake".utf8.span.bytes, name: "db".utf8.span.bytes, caCertificates: RawSpan(),
        authorization: authorization.utf8.span.bytes, now: world.clock.monotonic)
    }
    #expect(answer(session) == nil)
    #expect(isRefused(await ask(world, token), advice: 1))
    #expect(isRefused(await ask(world, nil), advice: 1))
    #expect(world.handlers.measures.refusedCalls["requests-per-address"] == 2)
    #expect(world.handlers.measures.authentication.refusedCalls == 1)
    #expect(answer(try memory(world).session(binding: nil, peer: "192.0.2.2:1")) != nil)
  }

  @Test("past an address's refused tokens no unknown one is looked at, and known ones go on")
  func failures() async throws {
    let world = try world { $0.failuresPerAddress = 2 }
    let known = try world.token()
    #expect(await ask(world, known) == .success(SecretBytes("hunter2")))
    let broken = TestToken.withBrokenSignature(try world.token("other"))
    let session = try memory(world).session(binding: nil, peer: "192.0.2.1:2")
    // One that memory refuses and hands over counts once.
    _ = session.secret(
      store: "fake".utf8.span.bytes, name: "db".utf8.span.bytes, caCertificates: RawSpan(),
      authorization: "Bearer \(broken)".utf8.span.bytes, now: world.clock.monotonic)
    #expect(await ask(world, broken) == .failure(.unauthenticated))
    #expect(await ask(world, nil) == .failure(.unauthenticated), "who presents nothing is not counted")
    #expect(await ask(world, "no token") == .failure(.unauthenticated))

    let fresh = try world.token("other")
    for token in [broken, "no token", fresh] { #expect(isRefused(await ask(world, token), advice: 30)) }
    let unknown = session.secret(
      store: "fake".utf8.span.bytes, name: "db".utf8.span.bytes, caCertificates: RawSpan(),
      authorization: "Bearer \(fresh)".utf8.span.bytes, now: world.clock.monotonic)
    #expect(unknown == nil)
    #expect(await ask(world, known) == .success(SecretBytes("hunter2")))
    #expect(await ask(world, fresh, peer: "192.0.2.2:1") == .success(SecretBytes("hunter2")))
    #expect(await ask(world, nil) == .failure(.unauthenticated))
    world.clock.advance(30)
    #expect(await ask(world, broken) == .failure(.unauthenticated))
    #expect(isRefused(await ask(world, broken), advice: 30))
    #expect(world.handlers.measures.refusedCalls["failures-per-address"] == 4)
  }

  @Test("the log tells which limit an address is past, the one of refused tokens too")
  func logged() async throws {
    var limits = CallLimits.none
    limits.failuresPerAddress = 1
    let lines = Mutex<[String]>([])
    let world = try MemoryWorld(limits: limits, sink: { line in lines.withLock { $0.append(line) } })
    for _ in 0..<50 { _ = await ask(world, "no token") }
    let limited = lines.withLock { $0.filter { $0.contains(#""event":"call_limited""#) } }
    #expect(limited.count == 10)
    #expect(limited.allSatisfy { $0.contains(#""limit":"failures-per-address""#) && $0.contains("192.0.2.1:1") })
  }

  /// Answers nobody before its gate is opened.
  private struct HangingStore: SecretStore {
    let enter: AsyncStream<Void>.Continuation
    let gate: AsyncStream<Void>

    func read(_ reference: SecretReference) -> Reply<SecretBytes> {
      .pending {
        enter.finish()
        for await _ in gate {}
        return .success(SecretBytes("late"))
      }
    }
  }

  @Test(
    "the log tells of calls that may not wait, within the bound of its kind",
    arguments: ["waiting-per-identity", "waiting-per-address"])
  func waitingLogged(_ limit: String) async throws {
    var limits = CallLimits.none
    if limit == "waiting-per-identity" { limits.waitingPerIdentity = 1 } else { limits.waitingPerAddress = 1 }
    let lines = Mutex<[String]>([])
    let world = try MemoryWorld(limits: limits, sink: { line in lines.withLock { $0.append(line) } })
    let (entered, enter) = AsyncStream<Void>.makeStream()
    let (gate, open) = AsyncStream<Void>.makeStream()
    world.handlers.replace(
      ServiceSnapshot(
        generation: 2, manifests: .ordinary, stores: StoreRegistry(["fake": HangingStore(enter: enter, gate: gate)]),
        generators: NoGenerators()))
    let token = try world.token()
    async let first = ask(world, token)
    for await _ in entered {}
    for _ in 0..<50 { #expect(isRefused(await ask(world, token), advice: 1)) }
    open.finish()
    #expect(await first == .success(SecretBytes("late")))
    let limited = lines.withLock { $0.filter { $0.contains(#""event":"call_limited""#) } }
    #expect(limited.count == 10)
    #expect(limited.allSatisfy { $0.contains("\"limit\":\"\(limit)\"") && $0.contains("192.0.2.1:1") })
    let subject = limit == "waiting-per-identity" ? "system:serviceaccount:apps:app" : ""
    #expect(limited.allSatisfy { $0.contains("\"subject\":\"\(subject)\"") })
  }

  @Test("calls of one caller that wait are bounded, those of others are not held up")
  func waiting() async throws {
    let budgets = CallerBudgets(CallLimits(), refused: RefusedCalls())
    let budget = CallerBudget(
      requests: 0, failures: 0, waiting: 1, refusals: .ofIdentity, refused: RefusedCalls.Counter())
    let (gate, open) = AsyncStream<Void>.makeStream()
    let (entered, enter) = AsyncStream<Void>.makeStream()
    async let first = budget.bound(
      Reply<SecretBytes>.pending {
        enter.finish()
        for await _ in gate {}
        return .success(SecretBytes("late"))
      }, whenRefused: { _ in }
    ).result()
    for await _ in entered {}
    let second = Reply<SecretBytes>.pending { .success(SecretBytes("early")) }
    #expect(isRefused(await budget.bound(second, whenRefused: { _ in }).result(), advice: 1))
    #expect(
      await budgets.budget(ofPeer: "192.0.2.1:1").bound(second, whenRefused: { _ in }).result()
        == .success(SecretBytes("early")))
    open.finish()
    #expect(await first == .success(SecretBytes("late")))
  }

  @Test("what waits is bounded in bytes, a stranger's as well, and what is answered at once is not")
  func requestBytes() async throws {
    // Nobody's keys are here when a server has begun, so that each of these would wait for them.
    func beginning() throws -> (FederationHandlers, CallContext) {
      let world = try MemoryWorld(maximumRequestBytes: 8_000)
      return (world.handlers, CallContext(authorization: "Bearer \(try world.token())", peer: "192.0.2.1:1"))
    }
    let name = String(repeating: "n", count: 8_000)
    let large = BatchGetSecretsRequest(secrets: [SecretReference(store: "fake", key: name)])
    let (handlers, batchCall) = try beginning()
    #expect(await handlers.batchGetSecrets(large, batchCall).result().code == .resourceExhausted)
    for request in [GetSecretRequest(store: name, name: "db"), GetSecretRequest(store: "fake", name: name)] {
      let (handlers, call) = try beginning()
      #expect(await handlers.getSecret(request, call).result() == .failure(.serverBusy))
    }
    let world = try MemoryWorld(maximumRequestBytes: 8_000)
    let call = CallContext(authorization: "Bearer \(try world.token())", peer: "192.0.2.1:1")
    for _ in 0..<3 {
      let answer = await world.handlers.getSecret(GetSecretRequest(store: "fake", name: "db"), call).result()
      #expect(answer == .success(SecretBytes("hunter2")))
    }
    let known = await world.handlers.getSecret(GetSecretRequest(store: "fake", name: name), call).result()
    #expect(known.code == .invalidArgument)
  }

  @Test("no number of callers makes the budgets grow past their bound")
  func bounded() {
    let budgets = CallerBudgets(CallLimits(), refused: RefusedCalls())
    for index in 0..<40_000 {
      _ = budgets.budget(ofPeer: "10.\(index >> 16).\(index >> 8 & 255).\(index & 255):1")
    }
    #expect(budgets.count == CallerBudgets.maximumCount)
  }
}
