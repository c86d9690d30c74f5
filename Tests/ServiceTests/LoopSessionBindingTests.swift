import FederationAPI
import Identity
import Resources
import TestSupport
import Testing

@testable import Service

/// What is answered from memory on a connection that Authenticate bound an identity to.
@Suite(.timeLimit(.minutes(1))) struct LoopSessionBindingTests {
  private let world: MemoryWorld
  private let binding = ConnectionIdentity()
  private let session: any ImmediateSession
  private let token: String

  init() async throws {
    world = try MemoryWorld()
    session = try #require(world.handlers.makeImmediateAnswers()).session(binding: binding, peer: "test")
    token = try world.token(lifetime: 100)
  }

  /// Asks without authorization.
  @discardableResult
  private func ask(_ store: String = "fake", _ location: Testing.SourceLocation = #_sourceLocation) async
    -> MemoryWorld.Asked
  {
    await world.ask(session, nil, store: store, binding: binding, location)
  }

  private func refused(_ error: RPCError) -> MemoryWorld.Asked {
    MemoryWorld.Asked(memory: nil, handlers: .failure(error))
  }

  @Test("nobody is answered before, and the bound identity is after")
  func bound() async throws {
    for _ in 0..<2 { #expect(await ask() == refused(.unauthenticated)) }
    try await world.authenticate(token, binding)
    for _ in 0..<3 { #expect(await ask().isImmediate("hunter2")) }
    #expect(await ask("second").isImmediate("of the second"))
    #expect(await ask("third") == refused(.notAuthorized))
  }

  @Test("a connection without a binding never has anybody to fall back on")
  func withoutBinding() async throws {
    let plain = try #require(world.handlers.makeImmediateAnswers()).session(binding: nil, peer: "test")
    try await world.authenticate(token, binding)
    #expect(await world.ask(plain, token).isImmediate("hunter2"))
    #expect(await world.ask(plain, nil) == refused(.unauthenticated))
    #expect(await world.ask(plain, token).isImmediate("hunter2"))
  }

  @Test("a call with a token of its own is that token's, and the next without is the bound identity's again")
  func ownToken() async throws {
    try await world.authenticate(token, binding)
    let other = try world.token("other")
    for _ in 0..<3 {
      #expect(await ask("second").isImmediate("of the second"))
      #expect(await world.ask(session, other, binding: binding).isImmediate("hunter2"))
      #expect(await world.ask(session, other, store: "second", binding: binding) == refused(.notAuthorized))
      #expect(await ask("second").isImmediate("of the second"))
    }
    let broken = TestToken.withBrokenSignature(other)
    #expect(await world.ask(session, broken, binding: binding) == refused(.unauthenticated))
    #expect(await ask("second").isImmediate("of the second"))
  }

  @Test("what a call's own token was good for is gone when the connection is not bound")
  func tokenThenNothing() async throws {
    #expect(await world.ask(session, token, binding: binding).memory == nil)
    for _ in 0..<3 { #expect(await world.ask(session, token, binding: binding).isImmediate("hunter2")) }
    #expect(await ask() == refused(.unauthenticated))
  }

  @Test("who is bound in place of another counts from the next call on")
  func rebound() async throws {
    for round in 0..<3 {
      try await world.authenticate(try world.token("app", lifetime: 700 + Int64(round)), binding)
      for _ in 0..<2 { #expect(await ask("second").isImmediate("of the second")) }
      try await world.authenticate(try world.token("other", lifetime: 800 + Int64(round)), binding)
      for _ in 0..<2 { #expect(await ask("second") == refused(.notAuthorized)) }
      #expect(await ask().isImmediate("hunter2"))
    }
  }

  @Test("an Authorization that is removed, narrowed or given back counts from the next call on")
  func grants() async throws {
    try await world.authenticate(token, binding)
    for _ in 0..<2 { #expect(await ask().isImmediate("hunter2")) }
    // As for the token itself: without an Authorization for the issuer nobody can say who it is.
    world.reload(.with(grants: [:]))
    #expect(await ask() == refused(.unauthenticated))
    #expect(await world.ask(session, token, binding: binding) == refused(.unauthenticated))
    world.reload(.with(grants: ["other": ["fake"]]))
    #expect(await ask() == refused(.notAuthorized))
    world.reload(.with(grants: ["app": ["second"]]))
    #expect(await ask() == refused(.notAuthorized))
    #expect(await ask("second").isImmediate("of the second"))
    world.reload(.with(stores: ["second": ["db": "x"]]))
    #expect(await ask().memory == nil)
    world.reload(.with(stores: ["fake": ["db": "changed"]]))
    #expect(await ask().isImmediate("changed"))
  }

  @Test("a federation that moved or is gone ends it, for good", arguments: [nil, "https://moved.test"])
  func federation(url: String?) async throws {
    try await world.authenticate(token, binding)
    for _ in 0..<2 { #expect(await ask().isImmediate("hunter2")) }
    world.reload(.with(second: "https://b.test"))
    #expect(await ask().isImmediate("hunter2"))
    world.reload(.with(url: url))
    for _ in 0..<2 { #expect(await ask() == refused(.unauthenticated)) }
    world.reload(.ordinary)
    for _ in 0..<2 { #expect(await ask() == refused(.unauthenticated)) }
    try await world.authenticate(token, binding)
    #expect(await ask().isImmediate("hunter2"))
  }

  @Test("a key that the issuer withdraws ends the connection's identity, and a token's, on the next call")
  func withdrawnKey() async throws {
    let (long, next) = (try world.token(), try TestSigningKey(keyID: "next"))
    try await world.authenticate(long, binding)
    let tokens = try #require(world.handlers.makeImmediateAnswers()).session(binding: nil, peer: "test")
    for _ in 0..<2 { #expect(await ask().isImmediate("hunter2")) }
    for _ in 0..<2 { #expect(await world.ask(tokens, long).isImmediate("hunter2")) }
    world.issuers.serve([next])
    world.clock.advance(11)
    #expect(await ask().isImmediate("hunter2"))
    #expect(await world.ask(tokens, long).isImmediate("hunter2"))
    try await world.authenticate(
      try next.token(
        ServiceAccountClaims(issuer: MemoryWorld.issuer, serviceAccount: "app", now: world.clock.wallSeconds)),
      ConnectionIdentity())
    for _ in 0..<2 {
      #expect(await ask() == refused(.unauthenticated))
      #expect(await world.ask(tokens, long) == refused(.unauthenticated))
    }
  }

  @Test("nothing is answered from memory past the life of the key set, and a key that is still there goes on")
  func keySetLife() async throws {
    let long = try world.token()
    try await world.authenticate(long, binding)
    let tokens = try #require(world.handlers.makeImmediateAnswers()).session(binding: nil, peer: "test")
    for _ in 0..<2 { #expect(await world.ask(tokens, long).isImmediate("hunter2")) }
    for _ in 0..<3 {
      world.clock.advance(600)
      // The handlers, which are asked second, fetch the keys.
      #expect(await ask().memory == nil)
      #expect(await ask().isImmediate("hunter2"))
      _ = await world.ask(tokens, long)
      #expect(await world.ask(tokens, long).isImmediate("hunter2"))
    }
    world.issuers.serve([try TestSigningKey(keyID: "next")])
    world.clock.advance(600)
    #expect(await ask() == refused(.unauthenticated))
    #expect(await world.ask(tokens, long) == refused(.unauthenticated))
  }

  @Test("ends in the same second as for the handlers")
  func expiry() async throws {
    try await world.authenticate(token, binding)
    #expect(await ask().isImmediate("hunter2"))
    world.clock.advance(159)
    #expect(await ask().isImmediate("hunter2"))
    world.clock.advance(1)
    for _ in 0..<2 { #expect(await ask() == refused(.unauthenticated)) }
  }
}
