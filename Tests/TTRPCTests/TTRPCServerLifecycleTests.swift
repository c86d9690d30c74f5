import FederationAPI
import FederationProto
import Testing

@testable import TTRPC

/// Deadlines, limits, idleness and ends of a server's connection.
@Suite(.timeLimit(.minutes(1))) struct TTRPCServerLifecycleTests {
  private let expired = "the deadline passed before the answer was there"

  @Test("a deadline that had passed is DEADLINE_EXCEEDED without a call", arguments: [-1, Int64.min])
  func negativeTimeout(timeout: Int64) async throws {
    let server = try TestServer()
    let peer = try await server.rawPeer()
    peer.send(Wire.request(1, "Echo", timeout: timeout))
    #expect(await peer.next() == .failure(1, .deadlineExceeded, expired))
    await server.stop()
  }

  @Test("at its deadline a call is answered and its work cancelled; the work's own answer is not sent")
  func deadline() async throws {
    let server = try TestServer()
    let peer = try await server.rawPeer()
    peer.send(Wire.request(1, "Wait", payload: [65], timeout: 20_000_000))
    #expect(await server.gate.next(2) == [.arrived("A"), .cancelled("A")])
    #expect(await peer.next() == .failure(1, .deadlineExceeded, expired))
    peer.send(Wire.request(3, "Later", payload: [1]))
    #expect(await peer.next() == .success(3, [1]))
    await server.stop()
  }

  @Test("of many deadlines each is met in its turn")
  func manyDeadlines() async throws {
    let server = try TestServer()
    let peer = try await server.rawPeer()
    // Falling deadlines on rising ids: every call has to move the wake-up forward.
    var calls: [UInt8] = []
    for index in 0..<20 as Range<UInt32> {
      calls += Wire.request(
        index * 2 + 1, "Wait", payload: [UInt8(65 + index)], timeout: Int64(200 - index * 8) * 1_000_000)
    }
    peer.send(calls)
    let answers = await peer.next(20)
    #expect(answers.map(\.streamID) == (0..<20).reversed().map { $0 * 2 + 1 })
    #expect(answers.allSatisfy { $0.code == .deadlineExceeded })
    await server.stop()
  }

  @Test("a peer that goes has its calls cancelled")
  func peerGone() async throws {
    let server = try TestServer()
    let peer = try await server.rawPeer()
    peer.send(Wire.request(1, "Wait", payload: [65]) + Wire.request(3, "Wait", payload: [66]))
    #expect(await server.gate.next(2) == [.arrived("A"), .arrived("B")])
    peer.close()
    #expect(await server.gate.next(2) == [.cancelled("A"), .cancelled("B")])
    await server.stop()
  }

  @Test("a peer that resets has its calls cancelled")
  func peerReset() async throws {
    let server = try TestServer()
    let peer = try await server.rawPeer()
    peer.send(Wire.request(1, "Wait", payload: [65]))
    #expect(await server.gate.next(1) == [.arrived("A")])
    peer.reference.run { $0.abort(.finished) }
    #expect(await server.gate.next(1) == [.cancelled("A")])
    await server.stop()
  }

  @Test("past the limit of waiting calls a further one is RESOURCE_EXHAUSTED; calls answered at once go on")
  func concurrentCalls() async throws {
    var limits = TTRPCLimits()
    limits.concurrentCalls = 2
    let server = try TestServer(limits: limits)
    let peer = try await server.rawPeer()
    for (id, name) in [(1, 65), (3, 66), (5, 67)] as [(UInt32, UInt8)] {
      peer.send(Wire.request(id, "Wait", payload: [name]))
    }
    let text = "2 calls are running on this connection; wait for answers or use another"
    #expect(await peer.next() == .failure(5, .resourceExhausted, text))
    peer.send(Wire.request(7, "Echo"))
    #expect(await peer.next() == .success(7, []))
    server.gate.open()
    #expect(await peer.next(2).map(\.streamID).sorted() == [1, 3])
    peer.send(Wire.request(9, "Later", payload: [9]))
    #expect(await peer.next() == .success(9, [9]))
    await server.stop()
  }

  @Test("an idle connection is closed; one with a running call is not")
  func idle() async throws {
    var limits = TTRPCLimits()
    limits.idleSeconds = 1
    let server = try TestServer(limits: limits)
    let busy = try await server.rawPeer(greeting: Wire.request(1, "Wait", payload: [65]))
    let idle = try await server.rawPeer(greeting: Wire.request(1, "Echo"))
    #expect(await idle.next() == .success(1, []))
    #expect(await idle.next() == nil)
    #expect(server.log.contains("\"timeout\":\"idle\""))
    // The busy one has been without a frame for longer than the idle one was.
    server.gate.open()
    #expect(await busy.next() == .success(1, [65]))
    await server.stop()
  }

  @Test("whoever has not proved who it is may be idle for less long")
  func idleStranger() async throws {
    var limits = TTRPCLimits()
    limits.strangerIdleSeconds = 0.2
    let server = try TestServer(limits: limits)
    let peer = try await server.rawPeer(greeting: Wire.request(1, "Echo"))
    #expect(await peer.next() == .success(1, []))
    #expect(await peer.next() == nil)
    await server.stop()
  }

  @Test("a stream whose first message does not come is ended; one that has had a message stays")
  func silentStream() async throws {
    var limits = TTRPCLimits()
    limits.firstMessageSeconds = 0.2
    let server = try TestServer(limits: limits, dispatcher: SilentStreams())
    let peer = try await server.rawPeer()
    peer.send(Wire.request(1, "Open", flags: 2) + Wire.frame(1, kind: 3, [1]) + Wire.request(3, "Open", flags: 2))
    #expect(await peer.next() == .failure(3, .deadlineExceeded, expired))
    peer.send(Wire.request(5, "Open", flags: 2))
    #expect(await peer.next() == .failure(5, .deadlineExceeded, expired))
    await server.stop()
  }

  @Test(
    "a frame that does not come to its end closes the connection",
    arguments: [[0], Array(Wire.request(1, "Echo").dropLast())])
  func slowSender(part: [UInt8]) async throws {
    var limits = TTRPCLimits()
    limits.frameSeconds = 0.1
    let server = try TestServer(limits: limits)
    let peer = try await server.rawPeer()
    peer.send(part)
    #expect(await peer.next() == nil)
    #expect(server.log.contains("\"timeout\":\"frame\""))
    await server.stop()
  }

  @Test("a drain closes idle connections, lets running calls finish and refuses new ones")
  func drain() async throws {
    let server = try TestServer()
    let idle = try await server.rawPeer()
    idle.send(Wire.request(1, "Echo"))
    #expect(await idle.next() == .success(1, []))
    let busy = try await server.rawPeer()
    busy.send(Wire.request(1, "Wait", payload: [65]))
    #expect(await server.gate.next(1) == [.arrived("A")])
    async let over: Void = server.group.shutDown(graceSeconds: 30)
    #expect(await idle.next() == nil)
    busy.send(Wire.request(3, "Echo") + Wire.request(5, "Echo", flags: 2) + Wire.frame(5, kind: 3, flags: 5, []))
    let text = "server is shutting down; retry on another connection"
    #expect(await busy.next() == .failure(3, .unavailable, text))
    #expect(await busy.next() == .failure(5, .unavailable, text))
    server.gate.open()
    #expect(await busy.next() == .success(1, [65]))
    #expect(await busy.next() == nil)
    await over
    await server.clientGroup.shutDown(graceSeconds: 1)
  }

  @Test("a drain with only cancelled work left ends at once")
  func drainAfterDeadline() async throws {
    let server = try TestServer()
    let peer = try await server.rawPeer()
    peer.send(Wire.request(1, "Wait", payload: [65], timeout: 50_000_000))
    #expect(await server.gate.next(1) == [.arrived("A")])
    async let over: Void = server.group.shutDown(graceSeconds: 30)
    #expect(await peer.next()?.code == .deadlineExceeded)
    #expect(await peer.next() == nil)
    await over
    await server.clientGroup.shutDown(graceSeconds: 1)
  }
}

/// Streams that say nothing and take everything.
private struct SilentStreams: RPCDispatcher {
  private final class Stream: RPCStream {
    func received(_ message: RawSpan) throws(RPCError) {}
    func inputEnded() throws(RPCError) {}
    func next() -> RPCStreamStep { .wait }
    func drain() {}
    func close() {}
  }

  func call(service: String, method: String, payload: RawSpan, context: CallContext) -> Reply<[UInt8]> {
    .ready(.failure(RPCError(.unimplemented, "no call")))
  }

  func isStream(service: String, method: String) -> Bool { true }

  func stream(
    service: String, method: String, context: CallContext, wake: @escaping @Sendable () -> Void
  ) throws(RPCError) -> any RPCStream { Stream() }
}
