import FederationAPI
import Foundation
import TTRPC
import TestSupport
import Testing

/// What WatchSecrets does, alike on both wires that have streams.
@Suite(.timeLimit(.minutes(2))) struct WatchConformanceTests {
  private typealias Wire = WatchWorld.Wire

  private func watch(
    _ world: WatchWorld, _ wire: WatchWorld.Wire, _ secrets: [(String, String)], after: UInt64 = 0,
    account: String = "app", lifetime: Int64 = 3_600
  ) async throws -> WatchSecretsCall {
    try await world.client(wire).watchSecrets(
      world.request(secrets, after: after), credentials: .init(token: world.token(account, lifetime: lifetime)))
  }

  @Test(
    "the current values come first, then a change of the manifests, and nothing that did not change",
    arguments: WatchWorld.Wire.allCases)
  func changes(wire: WatchWorld.Wire) async throws {
    let world = try await WatchWorld()
    let call = try await watch(world, wire, [("app", "key"), ("app", "other"), ("app", "gone")])
    var first: [UInt32: WatchSecretsEvent.Kind] = [:]
    var last: UInt64 = 0
    for _ in 0..<3 {
      let event = try await call.change()
      first[event.secret] = event.kind
      #expect(event.revision >= last)
      last = event.revision
    }
    #expect(
      first == [
        0: .value(SecretBytes("first")), 1: .value(SecretBytes("constant")),
        2: .error(RPCError(.notFound, "no secret \"gone\" in store \"app\"")),
      ])
    try world.reload(value: "second")
    let change = try await call.change()
    #expect(change.secret == 0 && change.kind == .value(SecretBytes("second")) && change.revision > last)

    let resumed = try await watch(world, wire, [("app", "other"), ("app", "key")], after: last)
    let missed = try await resumed.change()
    #expect(missed.secret == 1 && missed.kind == .value(SecretBytes("second")) && missed.revision == change.revision)
    // A number of another server's stands for nothing.
    let unknown = try await watch(world, wire, [("app", "other")], after: change.revision ^ 1)
    #expect(try await unknown.change().kind == .value(SecretBytes("constant")))
    await world.stop()
  }

  @Test("what another process puts into the embedded store is sent", arguments: WatchWorld.Wire.allCases)
  func put(wire: WatchWorld.Wire) async throws {
    let world = try await WatchWorld()
    try await world.put("one", "db")
    let call = try await watch(world, wire, [("vault", "db")])
    #expect(try await call.change().kind == .value(SecretBytes("one")))
    try await world.put("two", "db")
    #expect(try await call.change().kind == .value(SecretBytes("two")))
    await world.stop()
  }

  @Test("a watch without changes gets heartbeats, from which it may resume", arguments: WatchWorld.Wire.allCases)
  func heartbeat(wire: WatchWorld.Wire) async throws {
    let world = try await WatchWorld { $0.watching.heartbeatSeconds = 0.2 }
    let call = try await watch(world, wire, [("app", "key")])
    let value = try await call.change()
    let beat = try await call.next()
    #expect(beat.kind == .heartbeat && beat.revision >= value.revision)
    await world.stop()
  }

  @Test(
    "of several stores one that is granted no longer is an error for its secrets, and the others go on",
    arguments: WatchWorld.Wire.allCases)
  func revokedOne(wire: WatchWorld.Wire) async throws {
    let world = try await WatchWorld()
    try await world.put("one", "db")
    let call = try await watch(world, wire, [("vault", "db"), ("app", "key"), ("app", "other")])
    var last: UInt64 = 0
    for _ in 0..<3 { last = try await call.change().revision }
    try world.reload(value: "secret after all", stores: ["vault"])
    for place in [1, 2] as [UInt32] {
      let told = try await call.change()
      #expect(told.secret == place && told.kind == .error(.notAuthorized) && told.revision >= last)
    }
    try await world.put("two", "db")
    let change = try await call.change()
    #expect(change.secret == 0 && change.kind == .value(SecretBytes("two")) && change.revision > last)
    // Granted again, they come again, the one that has not changed as well.
    try world.reload(value: "third")
    var granted: [UInt32: WatchSecretsEvent.Kind] = [:]
    for _ in 0..<2 {
      let event = try await call.change()
      granted[event.secret] = event.kind
      #expect(event.revision > change.revision)
    }
    #expect(granted == [1: .value(SecretBytes("third")), 2: .value(SecretBytes("constant"))])
    await world.stop()
  }

  @Test("a watch of whose stores none is granted any longer ends", arguments: WatchWorld.Wire.allCases)
  func revoked(wire: WatchWorld.Wire) async throws {
    let world = try await WatchWorld()
    let call = try await watch(world, wire, [("app", "key")])
    _ = try await call.change()
    try world.reload(value: "secret after all", stores: ["vault"])
    #expect(await call.failure() == .notAuthorized)
    await world.stop()
  }

  @Test(
    "what was never granted is an error in its place, and where nothing is granted no watch begins",
    arguments: WatchWorld.Wire.allCases)
  func denied(wire: WatchWorld.Wire) async throws {
    let world = try await WatchWorld()
    let some = try await watch(world, wire, [("app", "key"), ("hidden", "key")])
    #expect(try await some.change().kind == .error(.notAuthorized))
    #expect(try await some.change().kind == .value(SecretBytes("first")))
    let none = try await watch(world, wire, [("hidden", "key"), ("nowhere", "key")])
    #expect(await none.failure() == .notAuthorized)
    let stranger = try await watch(world, wire, [("app", "key")], account: "stranger")
    #expect(await stranger.failure() == .notAuthorized)
    await world.stop()
  }

  @Test(
    "a token that expires ends the watch, one that is renewed in stream does not", arguments: WatchWorld.Wire.allCases)
  func expiry(wire: WatchWorld.Wire) async throws {
    let world = try await WatchWorld { $0.watching.heartbeatSeconds = 0.2 }
    // The leeway for clocks is part of a token's life.
    let ending = try await watch(world, wire, [("app", "key")], lifetime: -58)
    let renewed = try await watch(world, wire, [("app", "key")], lifetime: -58)
    _ = try await renewed.change()
    try renewed.renew(token: world.token(), caCertificates: world.caCertificates)
    #expect(await ending.failure() == .unauthenticated)
    try world.reload(value: "after the first token's end")
    #expect(try await renewed.change().kind == .value(SecretBytes("after the first token's end")))
    await world.stop()
  }

  @Test(
    "a renewal that speaks for somebody else, or does not verify, ends the watch", arguments: WatchWorld.Wire.allCases)
  func wrongRenewal(wire: WatchWorld.Wire) async throws {
    let world = try await WatchWorld()
    for token in [try world.token("stranger"), "no token"] {
      let call = try await watch(world, wire, [("app", "key")])
      _ = try await call.change()
      try call.renew(token: token, caCertificates: world.caCertificates)
      #expect(await call.failure() == .unauthenticated)
    }
    await world.stop()
  }

  @Test("requests that cannot be right are refused", arguments: WatchWorld.Wire.allCases)
  func badRequests(wire: WatchWorld.Wire) async throws {
    let world = try await WatchWorld()
    let none = try await watch(world, wire, [])
    #expect(await none.failure()?.code == .invalidArgument)
    let many = try await watch(world, wire, [(String, String)](repeating: ("app", "key"), count: 1_001))
    #expect(await many.failure()?.code == .invalidArgument)
    let nameless = try await watch(world, wire, [("app", "key"), ("app", "")])
    #expect(await nameless.failure() == RPCError(.invalidArgument, "secrets[1]: name is required"))
    let unproved = try await world.client(wire).watchSecrets(world.request([("app", "key")]))
    #expect(await unproved.failure() == .unauthenticated)
    await world.stop()
  }

  @Test("past the limit a watch is refused at once, and one that ends makes room", arguments: WatchWorld.Wire.allCases)
  func tooMany(wire: WatchWorld.Wire) async throws {
    let world = try await WatchWorld { $0.watching.maximumWatches = 1 }
    let first = try await watch(world, wire, [("app", "key")])
    _ = try await first.change()
    let second = try await watch(world, wire, [("app", "key")])
    #expect(await second.failure()?.code == .resourceExhausted)
    first.cancel()
    while true {
      let third = try await watch(world, wire, [("app", "key")])
      do {
        #expect(try await third.change().kind == .value(SecretBytes("first")))
        break
      } catch  where error.code == .resourceExhausted { continue }
    }
    await world.stop()
  }

  @Test("a server that stops says so, and to ask elsewhere", arguments: WatchWorld.Wire.allCases)
  func drain(wire: WatchWorld.Wire) async throws {
    let world = try await WatchWorld()
    let call = try await watch(world, wire, [("app", "key")])
    _ = try await call.change()
    async let failure = call.failure()
    await world.stop()
    #expect(await failure?.code == .unavailable)
  }
}
