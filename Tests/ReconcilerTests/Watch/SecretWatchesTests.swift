import Resources
import FederationAPI
import FederationClient
import Logging
import Synchronization
import Testing

@testable import Reconciler

/// Which watches an agent makes of what its ExternalSecrets name, and whom a change has fetched.
@Suite(.timeLimit(.minutes(1))) struct SecretWatchesTests {
  /// A server that is watched: each watch that begins is told, and gives what the test says until it is let go of.
  private final class WatchedServer: FederationCalling {
    struct Call: Sendable {
      let keys: [String]
      let changes: AsyncStream<SecretChange>.Continuation
    }
    let serverURL = "https://federation.example:8443"
    let calls: AsyncStream<Call>
    private let began: AsyncStream<Call>.Continuation
    let running = Mutex<Set<[String]>>([])

    init() { (calls, began) = AsyncStream.makeStream() }

    func watch(_ secrets: [SecretReference], changed: @Sendable (SecretChange) async -> Void) async -> RPCError {
      let keys = secrets.map(\.key)
      let (changes, continuation) = AsyncStream<SecretChange>.makeStream()
      running.withLock { _ = $0.insert(keys) }
      began.yield(Call(keys: keys, changes: continuation))
      for await change in changes { await changed(change) }
      running.withLock { _ = $0.remove(keys) }
      return Task.isCancelled ? RPCError(.cancelled, "given up") : RPCError(.permissionDenied, "no more")
    }

    func resolve(
      store: String, data: [UInt8], dataFrom: [UInt8], noteStale: @Sendable (UInt32) -> Void
    ) async throws(RPCError) -> [String: SecretBytes] { [:] }
    func secrets(
      _ names: [SecretName], noteStale: @escaping StaleSecretNote
    ) async -> [Result<SecretBytes, RPCError>] { [] }
    func generate(_ generator: GeneratorReference) async throws(RPCError) -> [String: SecretBytes] { [:] }
    func revokeSelf(_ generator: GeneratorReference) async throws(RPCError) {}
    func close() async {}
  }

  private let told: AsyncStream<Set<ResourceName>>
  private let watches: SecretWatches
  private let lines: AsyncStream<String>

  init() {
    let (told, telling) = AsyncStream<Set<ResourceName>>.makeStream()
    self.told = told
    let (lines, logging) = AsyncStream<String>.makeStream()
    self.lines = lines
    let log = Log(level: .info) { logging.yield($0) }
    watches = SecretWatches(log: log, retrySeconds: 0.001) { telling.yield($0) }
  }

  private func name(_ text: String) -> ResourceName { ResourceName(namespace: "demo", name: text) }

  private func reference(_ key: String) -> SecretReference { SecretReference(store: "app", key: key) }

  private func references(_ keys: String...) -> Set<SecretReference> { Set(keys.map { reference($0) }) }

  private func change(_ key: String, _ value: String) -> SecretChange {
    SecretChange(secret: reference(key), outcome: .success(SecretBytes(value)))
  }

  @Test("what is named together is one watch, and a change has those fetched that name it, once")
  func oneWatch() async throws {
    let server = WatchedServer()
    await watches.set(name("a"), server, references("one", "shared"))
    await watches.set(name("b"), server, references("two", "shared"))
    let run = Task { await watches.run {} }
    var calls = server.calls.makeAsyncIterator()
    var told = told.makeAsyncIterator()
    let call = try #require(await calls.next())
    #expect(call.keys == ["one", "shared", "two"])
    call.changes.yield(change("shared", "v1"))
    #expect(await told.next() == [name("a"), name("b")])
    // What comes again is no change, nor is what cannot be read for a while.
    call.changes.yield(change("shared", "v1"))
    call.changes.yield(SecretChange(secret: reference("two"), outcome: .failure(RPCError(.unavailable, "away"))))
    call.changes.yield(change("one", "v1"))
    #expect(await told.next() == [name("a")])
    call.changes.yield(SecretChange(secret: reference("two"), outcome: .failure(RPCError(.notFound, "gone"))))
    #expect(await told.next() == [name("b")])
    run.cancel()
    await run.value
  }

  @Test("a set that changes is watched anew, and what was seen before is no change")
  func remade() async throws {
    let server = WatchedServer()
    await watches.set(name("a"), server, references("one"))
    let run = Task { await watches.run {} }
    var calls = server.calls.makeAsyncIterator()
    var told = told.makeAsyncIterator()
    let first = try #require(await calls.next())
    first.changes.yield(change("one", "v1"))
    #expect(await told.next() == [name("a")])
    await watches.set(name("b"), server, references("two"))
    let second = try #require(await calls.next())
    #expect(second.keys == ["one", "two"])
    second.changes.yield(change("one", "v1"))
    second.changes.yield(change("two", "v1"))
    #expect(await told.next() == [name("b")])
    await watches.remove(name("a"))
    let third = try #require(await calls.next())
    #expect(third.keys == ["two"])
    run.cancel()
    await run.value
  }

  @Test("connections have watches of their own, and more secrets than a call may name are several calls")
  func several() async throws {
    let (small, large) = (WatchedServer(), WatchedServer())
    await watches.set(name("a"), small, references("one"))
    await watches.set(name("b"), large, Set((0..<1_001).map { reference("key-\($0 + 1_000)") }))
    let run = Task { await watches.run {} }
    var calls = small.calls.makeAsyncIterator()
    #expect(await calls.next()?.keys == ["one"])
    var largeCalls = large.calls.makeAsyncIterator()
    let counts = [try #require(await largeCalls.next()).keys.count, try #require(await largeCalls.next()).keys.count]
    #expect(counts.sorted() == [1, 1_000])
    run.cancel()
    await run.value
  }

  @Test("a watch that the server refuses is tried again, and the log says which server's and of which stores")
  func refused() async throws {
    let server = WatchedServer()
    await watches.set(name("a"), server, references("one").union([SecretReference(store: "vault", key: "one")]))
    let many = (10..<20).map { SecretReference(store: "store-\($0)", key: "k") }
    await watches.set(name("b"), server, Set(many))
    let run = Task { await watches.run {} }
    var calls = server.calls.makeAsyncIterator()
    var lines = lines.makeAsyncIterator()
    let all = try #require(await calls.next())
    all.changes.finish()
    let line = try #require(await lines.next())
    #expect(line.contains(#""event":"watch_refused""#) && line.contains("no more"), "\(line)")
    #expect(line.contains(#""server":"https://federation.example:8443""#), "\(line)")
    #expect(
      line.contains(
        #""stores":"app, store-10, store-11, store-12, store-13, store-14, store-15, store-16 and 4 more""#),
      "\(line)")
    #expect(await calls.next()?.keys == all.keys)
    run.cancel()
    await run.value
  }
}
