import FederationAPI
import Logging
import TestSupport
import Testing

@testable import Transport

/// Sends everything back. What starts with `p` is first left unread until the input is resumed; what starts with `r`
/// first has the record buffers released.
private final class BufferEcho: ConnectionHandler {
  struct Reports {
    let paused = AsyncStream<ConnectionReference>.makeStream()
    let released = AsyncStream<Bool>.makeStream()
  }

  private let reports: Reports
  private var hasPaused = false
  init(_ reports: Reports) { self.reports = reports }
  func opened(_ connection: Connection) {}
  func receive(_ bytes: RawSpan, on connection: Connection) -> Int {
    let first = bytes.unsafeLoad(fromByteOffset: 0, as: UInt8.self)
    if first == UInt8(ascii: "p"), !hasPaused {
      hasPaused = true
      connection.pauseInput()
      reports.paused.continuation.yield(connection.reference)
      return 0
    }
    if first == UInt8(ascii: "r") { reports.released.continuation.yield(connection.tls?.releaseBuffers() ?? false) }
    connection.write(bytes)
    return bytes.byteCount
  }
  func inputEnded(on connection: Connection) { connection.close(.finished) }
  func outputDrained(on connection: Connection) {}
  func timerFired(_ tag: UInt64, on connection: Connection) {}
  func drain(on connection: Connection) { connection.close(.draining) }
  func closed(_ connection: Connection, reason: CloseReason) {}
}

@Suite(.timeLimit(.minutes(1))) struct WarmSessionsTests {
  private func slot(_ index: Int) -> SlotID { SlotID(index: UInt32(index), generation: 0) }

  @Test("whoever has been warm for the longest makes room, and nobody does before the ring is full")
  func ring() {
    var warm = WarmSessions()
    for index in 0..<WarmSessions.capacity { #expect(warm.admit(slot(index)) == nil) }
    for index in 0..<3 * WarmSessions.capacity {
      #expect(warm.admit(slot(WarmSessions.capacity + index)) == slot(index))
    }
  }

  @Test("record buffers are released between records, not within one", arguments: [0, 1, 4, 5, 6, 20])
  func release(part: Int) async throws {
    let crowd = try Crowd()
    let client = try crowd.client()
    let text = Array("release".utf8)
    let whole = try client.records(of: text)
    let next = try client.records(of: text)
    // Read together with the whole record, which is shown to the handler with the part held.
    try client.send(whole + next.prefix(part))
    #expect(try client.read(text.count) == text)
    var released = crowd.reports.released.stream.makeAsyncIterator()
    #expect(await released.next() == (part == 0))
    try client.send(Array(next.dropFirst(part)))
    #expect(try client.read(text.count) == text)
    await crowd.servers.shutDown(graceSeconds: 0)
  }

  /// A server for many TLS connections.
  private struct Crowd {
    let authority: TestCertificateAuthority
    let servers: EventLoopGroup
    let port: UInt16
    let reports = BufferEcho.Reports()

    init() throws {
      authority = try TestCertificateAuthority()
      servers = try EventLoopGroup(loops: 1, log: Log(level: .error))
      let certificate = try authority.issue()
      let tls = try ServerTLS(certificateFile: certificate.certificateFile, keyFile: certificate.keyFile, alpn: [])
      let reports = reports
      port = try servers.listen(host: "127.0.0.1", port: 0, tls: tls) { _ in BufferEcho(reports) }.port
    }

    func client() throws -> RecordClient { try RecordClient(port: port) }
  }

  @Test("more busy connections than the ring holds are all answered, round after round")
  func crowd() async throws {
    let crowd = try Crowd()
    let clients = try (0..<WarmSessions.capacity + 44).map { _ in try crowd.client() }
    for round in 0..<3 {
      for (index, client) in clients.enumerated() {
        let text = Array("connection \(index), round \(round)".utf8)
        try client.send(client.records(of: text))
        #expect(try client.read(text.count) == text)
      }
    }
    // All at once, and the answers fetched afterwards.
    for (index, client) in clients.enumerated() { try client.send(client.records(of: [UInt8(index % 100)])) }
    for (index, client) in clients.enumerated() { #expect(try client.read(1) == [UInt8(index % 100)]) }
    await crowd.servers.shutDown(graceSeconds: 0)
  }

  @Test("a connection that holds a part of a record, or more than it may read, loses nothing when it makes room")
  func evictedInTheMiddle() async throws {
    let crowd = try Crowd()
    let text = [UInt8](repeating: 0x74, count: 5_000)
    // Within the header, after it, and within the body of the first and of the second record.
    let cuts = [1, 4, 5, 6, 2_000, 5_021, 5_022, 5_027, 7_000]
    var halves: [(RecordClient, [UInt8])] = []
    for cut in cuts {
      let client = try crowd.client()
      let records = try client.records(of: text) + client.records(of: text)
      try client.send(Array(records[..<cut]))
      halves.append((client, Array(records[cut...])))
    }
    let much = Array("p".utf8) + [UInt8](repeating: 0x75, count: 150_000)
    let pausing = try crowd.client()
    try pausing.send(pausing.records(of: much))
    var stream = crowd.reports.paused.stream.makeAsyncIterator()
    let paused = await stream.next()

    let others = try (0..<WarmSessions.capacity + 10).map { _ in try crowd.client() }
    for client in others {
      try client.send(client.records(of: [1]))
      #expect(try client.read(1) == [1])
    }
    for (client, rest) in halves {
      try client.send(rest)
      #expect(try client.read(10_000) == text + text)
    }
    paused?.run { $0.resumeInput() }
    #expect(try pausing.read(much.count) == much)
    await crowd.servers.shutDown(graceSeconds: 0)
  }
}
