import FederationAPI
import FederationProto
import Synchronization
import TestSupport
import Testing

@testable import FederationClient

/// How a watch goes on and how it ends, over streams that end as they are told.
@Suite(.timeLimit(.minutes(1))) struct SecretChangesTests {
  private typealias Event = WatchSecretsEvent

  /// Gives its events, and then its end; without one it goes on until it is given up.
  private final class ScriptedStream: WatchStream {
    private struct State {
      var events: [Event]
      var end: RPCError?
      var waiter: CheckedContinuation<Void, Never>?
      var isCancelled = false
      var renewals: [String] = []
    }
    private let state: Mutex<State>
    let renewed: AsyncStream<String>
    private let renewing: AsyncStream<String>.Continuation

    init(_ events: [Event], _ end: RPCError?) {
      state = Mutex(State(events: events, end: end))
      (renewed, renewing) = AsyncStream.makeStream()
    }

    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    func next() async throws(RPCError) -> Event {
      let event = state.withLock { $0.events.isEmpty ? nil : $0.events.removeFirst() }
      if let event { return event }
      if let end = state.withLock({ $0.end }) { throw end }
      await withTaskCancellationHandler {
        await withCheckedContinuation { waiter in
          let isOver = state.withLock { state in
            if !state.isCancelled { state.waiter = waiter }
            return state.isCancelled
          }
          if isOver { waiter.resume() }
        }
      } onCancel: {
        cancel()
      }
      throw RPCError(.cancelled, "given up")
    }

    func renew(token: String, caCertificates: [UInt8]) throws(RPCError) { renewing.yield(token) }

    func cancel() {
      let waiter = state.withLock { state in
        state.isCancelled = true
        return state.waiter.take()
      }
      waiter?.resume()
    }
  }

  /// Opens one stream after the other.
  private final class ScriptedWire: WireConnecting, PartialWire {
    private struct State {
      var scripts: [Result<ScriptedStream, RPCError>]
      var afters: [UInt64] = []
      var tokens: [String] = []
      var forgotten = 0
    }
    private let state: Mutex<State>

    init(_ scripts: [Result<ScriptedStream, RPCError>]) { state = Mutex(State(scripts: scripts)) }

    var afters: [UInt64] { state.withLock { $0.afters } }
    var tokens: [String] { state.withLock { $0.tokens } }
    var forgotten: Int { state.withLock { $0.forgotten } }

    func wire(for credentials: CallCredentials, deadline: MonotonicTime) async throws(RPCError) -> any FederationWire {
      self
    }

    func watch(
      _ secrets: [SecretReference], after: UInt64, _ credentials: CallCredentials
    ) throws(RPCError) -> any WatchStream {
      let script = state.withLock { state -> Result<ScriptedStream, RPCError>? in
        state.afters.append(after)
        state.tokens.append(credentials.token ?? credentials.svid?.svid.id ?? "")
        return state.scripts.isEmpty ? nil : state.scripts.removeFirst()
      }
      guard let script else { throw RPCError(.internal, "the script is over") }
      return try script.get()
    }

    func forgetConnection() async { state.withLock { $0.forgotten += 1 } }
    func close() async {}
  }

  private let secrets = [SecretReference(store: "app", key: "a"), SecretReference(store: "app", key: "b")]

  private func changes(
    _ wire: ScriptedWire, token: TokenSource = .fixed("t"), spiffe: SPIFFEAccess? = nil, timing: WatchTiming? = nil
  ) throws -> SecretChanges {
    let server = try ServerAddress(parsing: "https://fed")
    var configuration = FederationClientConfiguration(server: server, token: token, caFile: nil)
    configuration.spiffe = spiffe
    let client = FederationClient(configuration: configuration, connector: wire)
    return client.watch(secrets, timing: timing ?? WatchTiming(firstPause: 0.001, longestPause: 0.002))
  }

  private func event(_ secret: UInt32, _ revision: UInt64, _ value: String) -> Event {
    Event(secret: secret, revision: revision, kind: .value(SecretBytes(value)))
  }

  private func change(_ secret: Int, _ value: String) -> SecretChange {
    SecretChange(secret: secrets[secret], outcome: .success(SecretBytes(value)))
  }

  /// All changes, and the end.
  private func all(_ changes: SecretChanges) async -> (changes: [SecretChange], end: RPCError?) {
    var seen: [SecretChange] = []
    do throws(RPCError) {
      for try await change in changes { seen.append(change) }
      return (seen, nil)
    } catch {
      return (seen, error)
    }
  }

  @Test("a stream that is lost is made anew after the last revision, heartbeats included")
  func resumes() async throws {
    let down = RPCError(.unavailable, "connection lost")
    let wire = ScriptedWire([
      .success(ScriptedStream([event(0, 7, "one"), Event(secret: 0, revision: 9, kind: .heartbeat)], down)),
      .failure(down), .failure(RPCError(.deadlineExceeded, "no answer in time")),
      .success(ScriptedStream([event(1, 12, "two")], RPCError(.permissionDenied, "no more"))),
    ])
    let (seen, end) = await all(try changes(wire))
    #expect(seen == [change(0, "one"), change(1, "two")])
    #expect(end == RPCError(.permissionDenied, "no more"))
    #expect(wire.afters == [0, 9, 9, 9])
    #expect(wire.forgotten == 3)
  }

  @Test("after a secret that is not granted a watch resumes from the start: a grant changes no revision")
  func resumesAfterDenial() async throws {
    let down = RPCError(.unavailable, "connection lost")
    let denied = Event(secret: 1, revision: 7, kind: .error(.notAuthorized))
    let wire = ScriptedWire([
      .success(ScriptedStream([event(0, 7, "one"), denied], down)),
      .success(ScriptedStream([denied], down)),
      .success(ScriptedStream([event(1, 3, "granted"), event(0, 7, "one")], down)),
      .success(ScriptedStream([], RPCError(.permissionDenied, "no more"))),
    ])
    let (seen, _) = await all(try changes(wire))
    let refused = SecretChange(secret: secrets[1], outcome: .failure(.notAuthorized))
    #expect(seen == [change(0, "one"), refused, refused, change(1, "granted"), change(0, "one")])
    #expect(wire.afters == [0, 0, 0, 7])
  }

  @Test(
    "an error that another try would not mend ends the watch",
    arguments: [
      StatusCode.unimplemented, .invalidArgument, .permissionDenied, .resourceExhausted, .failedPrecondition, .internal,
    ])
  func final(code: StatusCode) async throws {
    let wire = ScriptedWire([.success(ScriptedStream([], RPCError(code, "no")))])
    let changes = try changes(wire)
    var iterator = changes.makeAsyncIterator()
    await #expect(throws: RPCError(code, "no")) { try await iterator.next() }
    #expect(try await iterator.next() == nil)
    #expect(wire.afters.count == 1 && wire.forgotten == 0)
  }

  @Test("a secret that the server cannot have meant ends the watch")
  func wrongIndex() async throws {
    let wire = ScriptedWire([.success(ScriptedStream([event(2, 1, "x")], nil))])
    #expect(await all(try changes(wire)).end?.code == .internal)
  }

  @Test("a token that is not accepted is read anew once, and then once more after it was good for something")
  func rejectedToken() async throws {
    let reads = Mutex(0)
    let token = TokenSource {
      .success(
        reads.withLock { count in
          count += 1
          return "t\(count)"
        })
    }
    let wire = ScriptedWire([
      .success(ScriptedStream([event(0, 1, "one")], .unauthenticated)),
      .success(ScriptedStream([event(0, 2, "two")], .unauthenticated)),
      .success(ScriptedStream([], .unauthenticated)),
    ])
    let (seen, end) = await all(try changes(wire, token: token))
    #expect(seen == [change(0, "one"), change(0, "two")])
    #expect(end?.code == .unauthenticated)
    #expect(wire.tokens == ["t1", "t2", "t3"])
  }

  @Test("a token that its source replaces is passed on in the stream, once")
  func renewsToken() async throws {
    let current = Mutex("first")
    let stream = ScriptedStream([event(0, 1, "one")], nil)
    let wire = ScriptedWire([.success(stream)])
    let changes = try changes(
      wire, token: TokenSource { .success(current.withLock { $0 }) }, timing: WatchTiming(tokenCheck: 0.001))
    var iterator = changes.makeAsyncIterator()
    _ = try await iterator.next()
    var renewals = stream.renewed.makeAsyncIterator()
    for token in ["second", "third"] {
      current.withLock { $0 = token }
      #expect(await renewals.next() == token)
    }
    #expect(wire.tokens == ["first"])
  }

  @Test("an SVID that its source replaces is shown by a new stream, at once and after the last revision")
  func renewsSVID() async throws {
    let authority = try TestCertificateAuthority()
    let directory = try TemporaryDirectory()
    let files = try authority.issueSVID("spiffe://td/first").write(to: directory)
    let old = ScriptedStream([event(0, 5, "one")], nil)
    let wire = ScriptedWire([.success(old), .success(ScriptedStream([event(0, 6, "two")], .notAuthorized))])
    // A pause that nothing may wait for: the test's time limit is shorter.
    let timing = WatchTiming(firstPause: 3_600, longestPause: 3_600, tokenCheck: 0.001)
    let source = SVIDSource.files(certificate: files.certificate, key: files.key, bundle: nil)
    var iterator = try changes(wire, spiffe: SPIFFEAccess(source: source), timing: timing).makeAsyncIterator()
    #expect(try await iterator.next() == change(0, "one"))
    _ = try authority.issueSVID("spiffe://td/second").write(to: directory)
    #expect(try await iterator.next() == change(0, "two"))
    #expect(old.isCancelled && wire.afters == [0, 5])
    #expect(wire.tokens == ["spiffe://td/first", "spiffe://td/second"])
  }

  @Test("a stream without heartbeats is given up and made anew")
  func silence() async throws {
    let silent = ScriptedStream([event(0, 3, "one")], nil)
    let wire = ScriptedWire([
      .success(silent), .success(ScriptedStream([event(0, 4, "two")], .notAuthorized)),
    ])
    let (seen, end) = await all(
      try changes(wire, timing: WatchTiming(firstPause: 0.001, tokenCheck: 0.001, silence: 0.01)))
    #expect(seen == [change(0, "one"), change(0, "two")])
    #expect(end == .notAuthorized)
    #expect(silent.isCancelled && wire.afters == [0, 3])
  }

  @Test("the end of its task ends a watch, and the stream with it")
  func cancelled() async throws {
    let stream = ScriptedStream([event(0, 1, "one")], nil)
    let changes = try changes(ScriptedWire([.success(stream)]))
    let (arrived, arriving) = AsyncStream<Void>.makeStream()
    let task = Task { () -> RPCError? in
      do throws(RPCError) {
        for try await _ in changes { arriving.yield() }
        return nil
      } catch {
        return error
      }
    }
    for await _ in arrived { break }
    task.cancel()
    #expect(await task.value?.code == .cancelled)
    #expect(stream.isCancelled)
  }
}
