import FederationAPI
import Synchronization
import TestSupport
import Testing

@testable import FederationClient

/// FederationClient's watch against a real server.
@Suite(.timeLimit(.minutes(2))) struct WatchClientTests {
  private static let streaming: [FederationTransport] = [.auto, .rpc, .grpc]

  private let key = [SecretReference(store: "app", key: "key")]

  private func value(_ text: String) -> SecretChange {
    SecretChange(secret: key[0], outcome: .success(SecretBytes(text)))
  }

  @Test("changes arrive, also after the server has been started again on its port", arguments: streaming)
  func restart(transport: FederationTransport) async throws {
    let world = try await WatchWorld()
    let client = try world.federationClient(transport, token: .fixed(world.token()))
    var changes = client.watch(key).makeAsyncIterator()
    #expect(try await changes.next() == value("first"))
    try world.reload(value: "second")
    #expect(try await changes.next() == value("second"))
    try await world.restart()
    // Its revisions are others than before: everything comes again.
    #expect(try await changes.next() == value("second"))
    try world.reload(value: "third")
    #expect(try await changes.next() == value("third"))
    await client.close()
    await world.stop()
  }

  @Test("a token is renewed in the stream before it ends", arguments: streaming)
  func renewal(transport: FederationTransport) async throws {
    let world = try await WatchWorld { $0.watching.heartbeatSeconds = 0.2 }
    // The leeway for clocks is part of a token's life: this one ends after two seconds.
    let current = Mutex(try world.token(lifetime: -58))
    let client = try world.federationClient(transport, token: TokenSource { .success(current.withLock { $0 }) })
    // Nothing but the stream's own token would let it live: no second stream is made within the pause.
    let timing = WatchTiming(firstPause: 600, tokenCheck: 0.05)
    var changes = client.watch(key, timing: timing).makeAsyncIterator()
    #expect(try await changes.next() == value("first"))
    let ending = try await world.client(transport == .grpc ? .grpc : .ttrpc).watchSecrets(
      world.request([("app", "key")]), credentials: .init(token: current.withLock { $0 }))
    try current.withLock { $0 = try world.token() }
    #expect(await ending.failure() == .unauthenticated)
    try world.reload(value: "after the first token's end")
    #expect(try await changes.next() == value("after the first token's end"))
    await client.close()
    await world.stop()
  }

  @Test("over HTTP a watch ends with UNIMPLEMENTED, and asking goes on")
  func fallback() async throws {
    let world = try await WatchWorld()
    let client = try world.federationClient(.http, token: .fixed(world.token()))
    var changes = client.watch(key).makeAsyncIterator()
    do {
      _ = try await changes.next()
      Issue.record("a watch over HTTP")
    } catch { #expect(error.code == .unimplemented) }
    #expect(try await client.secret(store: "app", name: "key") == SecretBytes("first"))
    await client.close()
    await world.stop()
  }

  @Test("of two stores one whose grant goes is told, and the other is watched on", arguments: streaming)
  func revokedOne(transport: FederationTransport) async throws {
    let world = try await WatchWorld()
    try await world.put("one", "db")
    let client = try world.federationClient(transport, token: .fixed(world.token()))
    let vault = SecretReference(store: "vault", key: "db")
    // A watch that ended would not come again within the pause.
    var changes = client.watch(key + [vault], timing: WatchTiming(firstPause: 600)).makeAsyncIterator()
    for _ in 0..<2 { _ = try await changes.next() }
    try world.reload(value: "first", stores: ["vault"])
    #expect(try await changes.next() == SecretChange(secret: key[0], outcome: .failure(.notAuthorized)))
    try await world.put("two", "db")
    #expect(try await changes.next() == SecretChange(secret: vault, outcome: .success(SecretBytes("two"))))
    await client.close()
    await world.stop()
  }

  @Test("a grant that goes ends the watch of its secrets alone", arguments: streaming)
  func revoked(transport: FederationTransport) async throws {
    let world = try await WatchWorld()
    let client = try world.federationClient(transport, token: .fixed(world.token()))
    var changes = client.watch(key).makeAsyncIterator()
    _ = try await changes.next()
    try world.reload(value: "first", stores: ["vault"])
    do {
      _ = try await changes.next()
      Issue.record("a watch without a grant")
    } catch { #expect(error == .notAuthorized) }
    await client.close()
    await world.stop()
  }
}
