import FederationAPI
import Identity
import Logging
import Resources
import TestSupport
import Testing

@testable import Service

/// What is answered from memory for callers with a token of their own: nothing but what the handlers would answer.
@Suite(.timeLimit(.minutes(1))) struct LoopAnswersTests {
  private let world: MemoryWorld
  private let session: any ImmediateSession
  private let token: String

  init() async throws {
    world = try MemoryWorld()
    session = try #require(world.handlers.makeImmediateAnswers()).session(binding: nil, peer: "test")
    token = try world.token()
    // The first call fetches keys, and from then on memory is enough.
    #expect(await world.ask(session, token).memory == nil)
  }

  private func expectImmediate(
    _ text: String = "hunter2", _ token: String? = nil, _ location: Testing.SourceLocation = #_sourceLocation
  ) async {
    let asked = await world.ask(session, token ?? self.token, location)
    #expect(asked.isImmediate(text), sourceLocation: location)
  }

  @Test("a caller that was verified is answered at once, the second time and ever after")
  func known() async {
    for _ in 0..<5 { await expectImmediate() }
    #expect(await world.ask(session, token, store: "second").isImmediate("of the second"))
    #expect(await world.ask(session, token, name: "empty").isImmediate(""))
  }

  @Test("answers are counted by store, over reloads, for as long as there is the store")
  func counts() async throws {
    let answers = try #require(world.handlers.makeImmediateAnswers())
    let session = answers.session(binding: nil, peer: "test")
    for _ in 0..<3 { #expect(await world.ask(session, token).isImmediate("hunter2")) }
    #expect(await world.ask(session, token, store: "second").isImmediate("of the second"))
    #expect(await world.ask(session, token, name: "none").memory == nil)
    #expect(answers.answersByStore == ["fake": 3, "second": 1])
    var fromMemory: UInt64 = 3
    world.reload(.ordinary)
    for _ in 0..<3 where await world.ask(session, token).memory != nil { fromMemory += 1 }
    #expect(answers.answersByStore == ["fake": fromMemory, "second": 1])
    var fewer = Manifests.ordinary
    fewer.clusterSecretStores.removeAll { $0.name == "second" }
    world.reload(fewer)
    for _ in 0..<3 where await world.ask(session, token).memory != nil { fromMemory += 1 }
    #expect(answers.answersByStore == ["fake": fromMemory])
    #expect(fromMemory > 6)
  }

  @Test("what is refused, missing or malformed is the handlers' to tell")
  func handlersOnly() async {
    for round in 0..<2 {
      for (store, name) in [
        ("third", "db"), ("fourth", "db"), ("fake", "none"), ("", "db"), ("fake", ""), ("Fake", "db"), ("fake", "d"),
        (String(repeating: "s", count: 254), "db"), ("fake", String(repeating: "n", count: 1_025)),
      ] {
        let asked = await world.ask(session, token, store: store, name: name)
        #expect(asked.memory == nil, "\(round) \(store.prefix(9)) \(name.prefix(9))")
        if case .success = asked.handlers { Issue.record("\(store) \(name)") }
      }
      await expectImmediate()
    }
  }

  @Test("no authorization, another scheme, an empty or a long token is not answered")
  func authorizations() async throws {
    await expectImmediate()
    for authorization in ["", "Bearer", "Bearer ", "bearer \(token)", "Basic \(token)", "Bearer \(token) "] {
      let memory = session.secret(
        store: "fake".utf8.span.bytes, name: "db".utf8.span.bytes, caCertificates: RawSpan(),
        authorization: authorization.utf8.span.bytes, now: world.clock.monotonic)
      #expect(memory == nil, "\(authorization.prefix(8))")
    }
    #expect(await world.ask(session, String(repeating: "a", count: Limits.token + 1)).memory == nil)
    await expectImmediate()
  }

  @Test("an Authorization that is removed, narrowed or given back counts from the next call on")
  func grants() async throws {
    for _ in 0..<3 { await expectImmediate() }
    world.reload(.with(grants: [:]))
    #expect(await world.ask(session, token).handlers == .failure(.unauthenticated))
    world.reload(.with(grants: ["other": ["fake"]]))
    #expect(await world.ask(session, token).handlers == .failure(.notAuthorized))
    world.reload(.with(grants: ["app": ["second"]]))
    #expect(await world.ask(session, token).handlers == .failure(.notAuthorized))
    #expect(await world.ask(session, token, store: "second").isImmediate("of the second"))
    world.reload(.ordinary)
    await expectImmediate()
  }

  @Test("a reload that leaves all as it was goes on from memory")
  func reloadWithoutChange() async {
    await expectImmediate()
    for _ in 0..<3 {
      world.reload(.ordinary)
      await expectImmediate()
    }
    #expect(world.issuers.requests == 2)
  }

  @Test("a value that is changed or removed, and a store that is, show at once")
  func stores() async {
    for _ in 0..<3 { await expectImmediate() }
    world.reload(.with(stores: ["fake": ["db": "changed"]]))
    await expectImmediate("changed")
    world.reload(.with(stores: ["fake": ["other": "x"]]))
    #expect(await world.ask(session, token).memory == nil)
    world.reload(.with(stores: ["second": ["db": "x"]]))
    #expect(await world.ask(session, token).memory == nil)
    world.reload(.ordinary)
    await expectImmediate()
  }

  @Test("a federation that moved has to vouch anew, and one that is gone does not vouch")
  func federations() async {
    for _ in 0..<3 { await expectImmediate() }
    world.reload(.with(url: "https://moved.test"))
    let requests = world.issuers.requests
    #expect(await world.ask(session, token).memory == nil)
    #expect(world.issuers.requests == requests + 2)
    await expectImmediate()
    world.reload(.with(url: nil))
    #expect(await world.ask(session, token).handlers == .failure(.unauthenticated))
  }

  @Test("ends in the same second as for the handlers, for whoever called before and for whoever comes anew")
  func expiry() async throws {
    let short = try world.token(lifetime: 100)
    for _ in 0..<3 { await expectImmediate("hunter2", short) }
    world.clock.advance(159)
    await expectImmediate("hunter2", short)
    let other = try #require(world.handlers.makeImmediateAnswers()).session(binding: nil, peer: "test")
    #expect(await world.ask(other, short).isImmediate("hunter2"))
    world.clock.advance(1)
    for session in [session, other] {
      let asked = await world.ask(session, short)
      #expect(asked == MemoryWorld.Asked(memory: nil, handlers: .failure(.unauthenticated)))
    }
    await expectImmediate()
  }

  @Test("two callers who take turns on a connection each get their own")
  func alternating() async throws {
    let other = try world.token("other")
    for _ in 0..<4 {
      #expect(await world.ask(session, token, store: "second").isImmediate("of the second"))
      let denied = await world.ask(session, other, store: "second")
      #expect(denied == MemoryWorld.Asked(memory: nil, handlers: .failure(.notAuthorized)))
      await expectImmediate("hunter2", other)
      await expectImmediate("hunter2", other)
      #expect(await world.ask(session, other, store: "second").memory == nil)
    }
  }

  @Test("a token that differs from the last in any byte is another token")
  func changedByte() async {
    for _ in 0..<3 { await expectImmediate() }
    let bytes = Array(token.utf8)
    for index in stride(from: 0, to: bytes.count, by: 7) {
      var other = bytes
      other[index] = other[index] == 0x41 ? 0x42 : 0x41
      #expect(await world.ask(session, String(decoding: other, as: UTF8.self)).memory == nil, "\(index)")
    }
    for other in [token + "A", String(token.dropLast()), " " + token, token + " "] {
      #expect(await world.ask(session, other).memory == nil)
    }
    await expectImmediate()
  }

  @Test("the same token with another ca.crt is judged with that, and does not disturb the first")
  func bundles() async throws {
    let good = try TestCertificateAuthority().certificatePEM
    for _ in 0..<3 { await expectImmediate() }
    let first = await world.ask(session, token, ca: good)
    #expect(first.memory == nil && first.handlers == .success(SecretBytes("hunter2")))
    for _ in 0..<3 { #expect(await world.ask(session, token, ca: good).isImmediate("hunter2")) }
    for bad in [Array("hello".utf8), Array(good.dropLast(40))] {
      let asked = await world.ask(session, token, ca: bad)
      #expect(asked == MemoryWorld.Asked(memory: nil, handlers: .failure(.unauthenticated)))
      #expect(await world.ask(session, token, ca: good).isImmediate("hunter2"))
    }
    let long = [UInt8](repeating: 0x0A, count: Limits.caCertificates + 1)
    #expect(await world.ask(session, token, ca: long).memory == nil)
    await expectImmediate()
  }

  @Test("a token that nobody has seen is verified at once when the keys are here, and a bad one only once")
  func newTokens() async throws {
    for number in 0..<5 { await expectImmediate("hunter2", try world.token("app", lifetime: 600 + Int64(number))) }
    let broken = TestToken.withBrokenSignature(try world.token())
    for _ in 0..<3 {
      #expect(await world.ask(session, broken).handlers == .failure(.unauthenticated))
    }
    await expectImmediate()
    #expect(world.issuers.requests == 2)
  }

  @Test("several connections of a loop, and several loops, see the same")
  func several() async throws {
    let answers = try #require(world.handlers.makeImmediateAnswers())
    let sessions = [answers.session(binding: nil, peer: "test"), answers.session(binding: nil, peer: "test"), session]
    for session in sessions + sessions { #expect(await world.ask(session, token).isImmediate("hunter2")) }
    world.reload(.with(grants: ["other": ["fake"]]))
    for session in sessions {
      #expect(await world.ask(session, token).handlers == .failure(.notAuthorized))
    }
  }

  @Test("of more stores than a loop keeps, the first are answered from memory, the others by the handlers")
  func manyStores() async throws {
    let names = (0..<80).map { "store-\($0)" }
    let stores = Dictionary(uniqueKeysWithValues: names.map { ($0, ["db": "of \($0)"]) })
    world.reload(.with(grants: ["app": names], stores: stores))
    for _ in 0..<2 {
      for (index, name) in names.enumerated() {
        let answer = await world.ask(session, token, store: name)
        #expect((answer.memory == SecretBytes("of \(name)")) == (index < MemoryStores.maximumCount), "\(name)")
        #expect(answer.handlers == .success(SecretBytes("of \(name)")), "\(name)")
      }
    }
  }

  @Test("where every read is to be logged, nothing is answered from memory")
  func logged() throws {
    #expect(try MemoryWorld(logLevel: .debug).handlers.makeImmediateAnswers() == nil)
  }

  @Test("while another thread reloads, nothing older than what counted when the call came is answered")
  func reloadsBeside() async throws {
    // Each value says under which generation it was first served.
    let reloads: UInt64 = 300
    world.reload(.with(stores: ["fake": ["db": "2"]]))
    let writer = Task.detached { [world] in
      for number in 3...reloads { world.reload(.with(stores: ["fake": ["db": "\(number)"]])) }
    }
    var (answered, isOld) = (0, false)
    while world.handlers.generation < reloads {
      let generation = world.handlers.generation
      let value = session.secret(
        store: "fake".utf8.span.bytes, name: "db".utf8.span.bytes, caCertificates: RawSpan(),
        authorization: "Bearer \(token)".utf8.span.bytes, now: world.clock.monotonic)
      guard let number = value?.text.flatMap({ UInt64($0) }) else { continue }
      answered += 1
      isOld = isOld || number < generation
    }
    await writer.value
    #expect(!isOld && answered > 0)
    await expectImmediate("\(reloads)")
  }
}
