import FederationAPI
import FederationProto
import Resources
import TestSupport
import Testing

@testable import Identity
@testable import Service

/// Tokens that cannot be answered from memory, on their way to the handlers.
@Suite(.timeLimit(.minutes(1))) struct LoopAnswersHandOverTests {
  private let world: MemoryWorld
  private let answers: LoopAnswers
  private let session: any ImmediateSession

  init() async throws {
    world = try MemoryWorld()
    answers = try #require(world.handlers.makeImmediateAnswers() as? LoopAnswers)
    session = answers.session(binding: nil, peer: "test")
    _ = await world.ask(session, try world.token())
  }

  private var leftBehind: Int { answers.authenticator.handedOver.count }

  @Test("of what is handed over nothing stays behind")
  func nothingStays() async throws {
    let good = try world.token()
    for token in [TestToken.withBrokenSignature(good), "no token", "a.b.c", try world.token(lifetime: -61)] {
      #expect(await world.ask(session, token).handlers == .failure(.unauthenticated))
      #expect(leftBehind == 0)
    }
  }

  @Test("a call whose names no handler would look at hands nothing over, and does not refuse the token later")
  func malformedNames() async throws {
    let broken = Array("Bearer \(TestToken.withBrokenSignature(try world.token()))".utf8)
    let names: [([UInt8], [UInt8])] = [
      ([0xFF], [0x61]), ([0x61], [0xFF]), ([0x61, 0], [0x61]), ([0x61], [0, 0x61]), ([], [0x61]), ([0x61], []),
    ]
    for (store, name) in names {
      let memory = session.secret(
        store: store.span.bytes, name: name.span.bytes, caCertificates: RawSpan(), authorization: broken.span.bytes,
        now: world.clock.monotonic)
      #expect(memory == nil)
    }
    #expect(leftBehind == 0)
  }

  @Test("over the wire, every GetSecret that protobuf-c refuses leaves nothing behind")
  func malformedRequests() async throws {
    let dispatcher = FederationDispatcher(service: world.handlers)
    let authorization = Array("Bearer \(TestToken.withBrokenSignature(try world.token()))".utf8)
    let wellFormed: [UInt8] = [0x0A, 1, 0x61, 0x12, 1, 0x61]
    let payloads: [[UInt8]] = [
      [0x0A, 1, 0xFF, 0x12, 1, 0x61], [0x0A, 1, 0x61, 0x12, 1, 0], [0x0A, 1, 0xFF, 0x0A, 1, 0x61, 0x12, 1, 0x61],
      [0x8A, 0x80, 0x80, 0x80, 0x80, 0, 1, 0x61, 0x12, 1, 0x61],
      [0x0A, 1, 0x61, 0x12, 0x81, 0x80, 0x80, 0x80, 0x80, 0, 0x61],
      (0..<20_000).flatMap { _ in [0x7A, 0] as [UInt8] } + wellFormed, wellFormed,
    ]
    for payload in payloads {
      let answer = dispatcher.immediateAnswer(
        service: FederationMethod.service.utf8.span.bytes, method: "GetSecret".utf8.span.bytes,
        payload: payload.span.bytes, authorization: authorization.span.bytes, session: session,
        now: world.clock.monotonic)
      #expect(answer == nil)
      let context = CallContext(authorization: String(decoding: authorization, as: UTF8.self), peer: "test")
      _ = await dispatcher.call(
        service: FederationMethod.service, method: "GetSecret", payload: payload.span.bytes, context: context
      ).result()
      #expect(leftBehind == 0, "\(payload.prefix(20))")
    }
  }

  @Test("a reload between both ways lets the handlers judge anew, and nothing old is taken")
  func reloadBetween() async throws {
    // Refused under the first generation, since nobody names its issuer's subject; under the second it is fine.
    world.reload(.with(grants: [:]))
    let token = try world.token()
    let memory = session.secret(
      store: "fake".utf8.span.bytes, name: "db".utf8.span.bytes, caCertificates: RawSpan(),
      authorization: "Bearer \(token)".utf8.span.bytes, now: world.clock.monotonic)
    #expect(memory == nil)
    #expect(leftBehind == 1)
    world.reload(.ordinary)
    let call = CallContext(authorization: "Bearer \(token)", peer: "test")
    #expect(
      await world.handlers.getSecret(GetSecretRequest(store: "fake", name: "db"), call).result()
        == .success(SecretBytes("hunter2")))
    #expect(await world.ask(session, "no token").handlers == .failure(.unauthenticated))
    #expect(leftBehind == 0)
  }

  @Test("an identity that another cluster may add to is the handlers' as long as that one is down")
  func provisional() async throws {
    let two = try MemoryWorld(.with(grants: ["app": ["fake"]], second: "https://b.test"))
    two.issuers.set("b.test", isDown: true)
    let session = try #require(two.handlers.makeImmediateAnswers()).session(binding: nil, peer: "test")
    let token = try two.token()
    for _ in 0..<3 {
      let asked = await two.ask(session, token)
      #expect(asked == MemoryWorld.Asked(memory: nil, handlers: .success(SecretBytes("hunter2"))))
      two.clock.advance(2)
    }
    let requests = two.issuers.requests
    for _ in 0..<5 { #expect(await two.ask(session, token).memory == nil) }
    #expect(two.issuers.requests == requests)
    // One that is bound is not asked whether it is final, as by the handlers.
    let binding = ConnectionIdentity()
    let bound = try #require(two.handlers.makeImmediateAnswers()).session(binding: binding, peer: "test")
    try await two.authenticate(token, binding)
    #expect(await two.ask(bound, nil, binding: binding).isImmediate("hunter2"))
  }
}
