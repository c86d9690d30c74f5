import FederationAPI
import Logging
import Synchronization
import Testing
import Transport

@testable import TTRPC

/// What a server keeps for a peer that does not read.
@Suite(.timeLimit(.minutes(1))) struct TTRPCBackpressureTests {
  /// Passes everything on and watches how much output there is.
  private final class Observer: ConnectionHandler {
    let inner: TTRPCServerConnection
    let mostUnsent: Atomic<Int>.Box
    let stalled: AsyncStream<Void>.Continuation

    init(_ inner: TTRPCServerConnection, _ mostUnsent: Atomic<Int>.Box, _ stalled: AsyncStream<Void>.Continuation) {
      self.inner = inner
      self.mostUnsent = mostUnsent
      self.stalled = stalled
    }

    func opened(_ connection: Connection) { inner.opened(connection) }
    func receive(_ bytes: RawSpan, on connection: Connection) -> Int {
      let consumed = inner.receive(bytes, on: connection)
      mostUnsent.value.max(connection.outputCount, ordering: .relaxed)
      if connection.isOutputFull { stalled.yield() }
      return consumed
    }
    func inputEnded(on connection: Connection) { inner.inputEnded(on: connection) }
    func outputDrained(on connection: Connection) { inner.outputDrained(on: connection) }
    func timerFired(_ tag: UInt64, on connection: Connection) { inner.timerFired(tag, on: connection) }
    func drain(on connection: Connection) { inner.drain(on: connection) }
    func closed(_ connection: Connection, reason: CloseReason) { inner.closed(connection, reason: reason) }
  }

  @Test("a peer that does not read is not read; when it reads, every answer is there, in order")
  func answersAtOnce() async throws {
    let log = Log(level: .error)
    let (group, clientGroup) = (try EventLoopGroup(loops: 1, log: log), try EventLoopGroup(loops: 1, log: log))
    let mostUnsent = Atomic<Int>.Box()
    let (stalled, stalling) = AsyncStream<Void>.makeStream()
    let limits = ListenerLimits()
    let port = try group.listen(host: "127.0.0.1", port: 0, tls: nil, limits: limits) { _ in
      let inner = TTRPCServerConnection(dispatcher: TestDispatcher(gate: Gate()), log: log)
      return Observer(inner, mostUnsent, stalling)
    }.port
    let peer = try await RawPeer.connect(DialTarget(host: "127.0.0.1", port: port, tls: nil), group: clientGroup)
    peer.reference.run { $0.pauseInput() }
    // 80 MB of answers: more than what the kernel takes for a peer that does not read.
    let count: UInt32 = 20_000
    var calls: [UInt8] = []
    for index in 0..<count { calls += Wire.request(index * 2 + 1, "Size", payload: Array("4096".utf8)) }
    peer.send(calls)
    for await _ in stalled { break }
    peer.reference.run { $0.resumeInput() }
    for index in 0..<count {
      let frame = await peer.next()
      guard frame?.streamID == index * 2 + 1, case .success(let payload) = frame?.result, payload.count == 4_096 else {
        Issue.record("call \(index) was answered with \(String(describing: frame?.result))")
        break
      }
    }
    #expect(mostUnsent.value.load(ordering: .relaxed) < limits.outputHighWater + 5_000)
    await clientGroup.shutDown(graceSeconds: 1)
    await group.shutDown(graceSeconds: 1)
  }

  @Test("answers of tasks past the bound of unsent bytes become RESOURCE_EXHAUSTED")
  func answersOfTasks() async throws {
    var limits = TTRPCLimits()
    limits.unsentBytes = 400_000
    let server = try TestServer(limits: limits)
    let peer = try await server.rawPeer()
    peer.reference.run { $0.pauseInput() }
    // 100 MB of answers, from calls that all wait at the gate: when they are answered, reading no further
    // request cannot hold anything back any more.
    let count: UInt32 = 500
    for index in 0..<count {
      peer.send(Wire.request(index * 2 + 1, "WaitSize", payload: Array("200000:\(index)".utf8)))
    }
    _ = await server.gate.next(Int(count))
    server.gate.open()
    peer.send(Wire.request(count * 2 + 1, "Later"))
    peer.reference.run { $0.resumeInput() }
    let answers = await peer.next(Int(count) + 1)
    let refused = answers.count { $0.code == .resourceExhausted }
    #expect(answers.count == Int(count) + 1)
    #expect(refused > 0)
    #expect(answers.allSatisfy { $0.code == nil || $0.code == .resourceExhausted })
    await server.stop()
  }
}

extension Atomic where Value == Int {
  /// An atomic that several owners share.
  final class Box: Sendable {
    let value = Atomic<Int>(0)
  }
}
