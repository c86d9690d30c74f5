import FederationAPI
import Ledger
import TestSupport
import Testing

@testable import Service

/// What is answered from memory is in the audit trail for its minute before it is.
@Suite(.timeLimit(.minutes(1))) struct LoopReadAuditTests {
  private let world: IssuanceWorld
  private let answers: any ImmediateAnswers

  init() async throws {
    world = try await IssuanceWorld()
    answers = try #require(world.handlers.makeImmediateAnswers())
  }

  /// Asks memory alone.
  private func memory(
    _ session: any ImmediateSession, _ token: String, _ store: String = "fake", _ name: String = "db",
    in world: IssuanceWorld? = nil
  ) -> SecretBytes? {
    session.secret(
      store: store.utf8.span.bytes, name: name.utf8.span.bytes, caCertificates: RawSpan(),
      authorization: "Bearer \(token)".utf8.span.bytes, now: (world ?? self.world).clock.monotonic)
  }

  /// Asks as a wire does; gives whether it was answered from memory.
  private func ask(
    _ session: any ImmediateSession, _ token: String, _ store: String = "fake", _ name: String = "db"
  ) async -> Bool {
    if memory(session, token, store, name) != nil { return true }
    let call = CallContext(authorization: "Bearer \(token)", peer: "192.0.2.1:1")
    let request = GetSecretRequest(store: store, name: name)
    #expect(await world.handlers.getSecret(request, call).result() == .success(SecretBytes("v-\(name)")))
    return false
  }

  private func reads() async throws -> Int64 {
    await world.issuance.journal.finish()
    return try await world.audit(.readSecret).map(\.count).reduce(0, +)
  }

  @Test("once for each caller, store, key, connection and minute, as the handlers would note it")
  func once() async throws {
    let (app, other) = (try world.key.token(world.claims()), try world.key.token(world.claims("other")))
    let session = answers.session(binding: nil, peer: "192.0.2.1:1")
    // The first of all fetches keys, so nobody is known in memory yet.
    #expect(await !ask(session, app))
    for (token, store, name) in [
      (app, "fake", "db"), (app, "fake", "more"), (app, "second", "db"), (other, "fake", "db"),
    ] {
      for _ in 0..<4 { #expect(await ask(session, token, store, name), "\(store)/\(name)") }
    }
    #expect(await ask(session, app))
    let second = answers.session(binding: nil, peer: "192.0.2.1:2")
    for _ in 0..<2 { #expect(await ask(second, app)) }
    world.clock.advance(60)
    for session in [session, second] {
      for _ in 0..<2 { #expect(await ask(session, app)) }
    }
    #expect(try await reads() == 8)
    let entries = try await world.audit(.readSecret)
    let targets = Set(entries.map { "\($0.identity?.subject.suffix(5) ?? "") \($0.target)" })
    #expect(targets == ["s:app fake/db", "s:app fake/more", "s:app second/db", "other fake/db"])
    #expect(Set(entries.map(\.peer)).isSubset(of: ["192.0.2.1:1", "192.0.2.1:2"]))
    let issued = try await world.ledger.identities(name: nil).flatMap(\.issuedCredentials).map(\.source)
    #expect(issued.contains(.secret(store: "second", key: "db")))
  }

  @Test("what a limit refuses is neither noted nor answered, and is noted when it is answered")
  func limited() async throws {
    var limits = CallLimits.none
    limits.requestsPerIdentity = 1
    let world = try await IssuanceWorld(limits: limits)
    let session = try #require(world.handlers.makeImmediateAnswers()).session(binding: nil, peer: "192.0.2.1:1")
    let token = try world.key.token(world.claims())
    let call = CallContext(authorization: "Bearer \(token)", peer: "192.0.2.1:1")
    // Two calls are all that there is at once.
    #expect(await world.handlers.verify(call, caCertificates: []).result().code == .ok)
    #expect(await world.handlers.getSecret(GetSecretRequest(store: "fake", name: "db"), call).result().code == .ok)
    #expect(memory(session, token, "fake", "more", in: world) == nil)
    let refused = await world.handlers.getSecret(GetSecretRequest(store: "fake", name: "more"), call).result()
    #expect(refused.code == .resourceExhausted)
    #expect(try await targets(in: world) == ["fake/db"])
    world.clock.advance(1)
    #expect(memory(session, token, "fake", "more", in: world) != nil)
    #expect(try await targets(in: world) == ["fake/db", "fake/more"])
  }

  private func targets(in world: IssuanceWorld) async throws -> Set<String> {
    await world.issuance.journal.flush()
    return Set(try await world.audit(.readSecret).map(\.target))
  }

  @Test("a reload begins anew, and what is not granted or not there is not noted as read")
  func reload() async throws {
    let token = try world.key.token(world.claims())
    let session = answers.session(binding: nil, peer: "test")
    for expected in [false, true, true] { #expect(await ask(session, token) == expected) }
    world.reload(.issuing())
    for _ in 0..<2 { #expect(await ask(session, token)) }
    world.reload(.issuing([:]))
    let call = try world.call()
    #expect(await world.handlers.getSecret(GetSecretRequest(store: "fake", name: "db"), call).result().code != .ok)
    #expect(try await reads() == 3)
  }

  @Test("whose token is remembered nowhere, and verified for the call, is noted with it")
  func forgottenToken() async throws {
    let world = try await IssuanceWorld(verifiedTokenBytes: 1)
    let session = try #require(world.handlers.makeImmediateAnswers()).session(binding: nil, peer: "test")
    let call = try world.call()
    _ = try await world.handlers.verify(call, caCertificates: []).result().get()
    for _ in 0..<3 {
      let memory = session.secret(
        store: "fake".utf8.span.bytes, name: "db".utf8.span.bytes, caCertificates: RawSpan(),
        authorization: (call.authorization ?? "").utf8.span.bytes, now: world.clock.monotonic)
      #expect(memory == SecretBytes("v-db"))
    }
    await world.issuance.journal.finish()
    #expect(try await world.audit(.readSecret).map(\.count) == [1])
  }

  @Test("for a bound connection as well")
  func bound() async throws {
    let binding = ConnectionIdentity()
    var call = try world.call()
    call.binding = binding
    _ = try await world.handlers.authenticate(AuthenticateRequest(), call).result().get()
    let session = answers.session(binding: binding, peer: "test")
    call.authorization = nil
    var immediate: [Bool] = []
    for _ in 0..<4 {
      let memory = session.secret(
        store: "fake".utf8.span.bytes, name: "db".utf8.span.bytes, caCertificates: RawSpan(),
        authorization: RawSpan(), now: world.clock.monotonic)
      immediate.append(memory != nil)
      if memory == nil {
        _ = try await world.handlers.getSecret(GetSecretRequest(store: "fake", name: "db"), call).result().get()
      }
    }
    #expect(immediate == [true, true, true, true])
    #expect(try await reads() == 1)
  }
}
