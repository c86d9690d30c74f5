import TestSupport
import Testing

/// What a peer does within the protocol's letter to make a server work (docs/PROTOCOL.md, "HTTP/2").
@Suite(.timeLimit(.minutes(1))) struct HTTP2AbuseTests {
  private static let calm: UInt32 = 11

  /// Sends `bytes` and gives the GOAWAY that ends the connection.
  private func goAway(
    _ server: TestServer, after bytes: [UInt8]
  ) async throws -> HTTP2Peer.Frame? {
    let peer = try await server.peer()
    peer.send(bytes)
    let frame = await peer.next(7)
    #expect(await peer.ends())
    await server.stop()
    return frame
  }

  @Test("rapid reset ends the connection; fewer resets do not")
  func rapidReset() async throws {
    func resets(_ count: UInt32) -> [UInt8] {
      var bytes: [UInt8] = []
      for id in stride(from: UInt32(1), to: 2 * count, by: 2) {
        bytes += HTTP2Peer.request(id, "/wait", isLast: true) + HTTP2Peer.reset(id)
      }
      return bytes
    }
    let server = try TestServer { $0.resets = .init(burst: 100, perSecond: 0) }
    let frame = try await goAway(server, after: resets(101))
    #expect(frame?.errorCode == Self.calm)

    let patient = try TestServer { $0.resets = .init(burst: 100, perSecond: 0) }
    let peer = try await patient.peer()
    peer.send(resets(100) + HTTP2Peer.request(401, "/echo", isLast: true))
    #expect(await peer.next(1)?.streamID == 401)
    await patient.stop()
  }

  @Test("tasks of streams that were reset count until they have ended")
  func resetTasks() async throws {
    let server = try TestServer { $0.concurrentTasks = 1 }
    let peer = try await server.peer()
    // The first's task may end before the second comes; a task that runs on bounds both.
    peer.send(HTTP2Peer.request(1, "/wait", isLast: true))
    await server.happenings.wait(for: "running")
    peer.send(HTTP2Peer.request(3, "/wait", isLast: true))
    #expect(await peer.next(1)?.streamID == 3)
    peer.send(HTTP2Peer.reset(1))
    await server.happenings.wait(for: "cancelled")
    await server.stop()
  }

  @Test("pings: a few are answered, more end with too_many_pings")
  func pings() async throws {
    let server = try TestServer()
    let peer = try await server.peer()
    peer.send(HTTP2Peer.ping() + HTTP2Peer.ping() + HTTP2Peer.ping())
    for _ in 0..<3 { #expect(await peer.next(6)?.flags == 1) }
    peer.send(HTTP2Peer.ping())
    let frame = await peer.next(7)
    #expect(frame?.errorCode == Self.calm)
    #expect(frame?.debug == "too_many_pings")
    #expect(await peer.ends())
    await server.stop()
  }

  @Test("SETTINGS, empty DATA and acknowledgements are bounded")
  func floods() async throws {
    func many(_ count: Int, _ frame: [UInt8]) -> [UInt8] { Array([[UInt8]](repeating: frame, count: count).joined()) }
    let settings = try await goAway(TestServer(), after: many(60, HTTP2Peer.frame(4)))
    #expect(settings?.errorCode == Self.calm)
    let empty = try await goAway(
      TestServer(), after: HTTP2Peer.request(1, "/echo") + many(120, HTTP2Peer.data(1, [], isLast: false)))
    #expect(empty?.errorCode == Self.calm)
    let acknowledgements = try await goAway(
      TestServer {
        $0.settingsFrames = .init(burst: 100_000, perSecond: 0)
      }, after: many(1_000, HTTP2Peer.frame(4)))
    #expect(acknowledgements?.errorCode == Self.calm)
  }

  @Test("CONTINUATION frames of one block are bounded")
  func continuations() async throws {
    let block = HTTP2Peer.frame(1, 1, HTTP2Peer.literal(":method", "POST"))
    let further = HTTP2Peer.frame(9, 1, HTTP2Peer.literal("a", "b"))
    let frame = try await goAway(
      TestServer(), after: block + Array([[UInt8]](repeating: further, count: 20).joined()))
    #expect(frame?.errorCode == Self.calm)
  }

  @Test("a header list over its limit is answered 431, one that is a bomb ends the connection")
  func headerLists() async throws {
    let server = try TestServer()
    let peer = try await server.peer()
    peer.send(HTTP2Peer.request(1, "/echo", [("a", String(repeating: "x", count: 12_000))], isLast: true))
    #expect(await peer.next(1)?.payload == [0x88], "200 is below the limit")
    let fields = (0..<3).map { ("f\($0)", String(repeating: "x", count: 4_000)) }
    let block = HTTP2Peer.request(3, "/echo", fields)
    var more: [UInt8] = []
    for index in 0..<6 { more += HTTP2Peer.literal("m\(index)", String(repeating: "x", count: 4_000)) }
    // END_STREAM without END_HEADERS, and CONTINUATION frames after it.
    var first = block
    first[4] = 1
    peer.send(first)
    peer.send(HTTP2Peer.frame(9, 3, Array(more[..<12_000])))
    peer.send(HTTP2Peer.frame(9, flags: 4, 3, Array(more[12_000...])))
    let refused = await peer.next(1)
    #expect(refused?.streamID == 3)
    // :status by its place in the static table, and 431 in Huffman's code or as it is.
    #expect(refused?.payload.count ?? 0 > 2)
    await server.stop()

    // One entry of 4,000 bytes in the table, then a byte for each time that it is meant.
    let bomb = HTTP2Peer.indexed("b", String(repeating: "x", count: 4_000)) + [UInt8](repeating: 0xBE, count: 10_000)
    let frame = try await goAway(
      TestServer(), after: HTTP2Peer.frame(1, flags: 5, 1, HTTP2Peer.literal(":method", "GET") + bomb))
    #expect(frame?.errorCode == Self.calm)
  }

  @Test("streams past the limit are refused, and may be tried again")
  func concurrency() async throws {
    let server = try TestServer { $0.concurrentStreams = 3 }
    let peer = try await server.peer()
    for id: UInt32 in [1, 3, 5, 7] { peer.send(HTTP2Peer.request(id, "/wait", isLast: true)) }
    let refused = await peer.next(3)
    #expect(refused?.streamID == 7)
    #expect(refused?.errorCode == 7)
    await server.stop()
  }

  @Test("what is no HTTP/2 is closed")
  func notHTTP2() async throws {
    let server = try TestServer()
    let peer = try await server.peer(greeting: Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
    #expect(await peer.ends())
    await server.stop()
  }

  @Test("unfinished bodies are bounded over a connection's streams")
  func unfinished() async throws {
    let server = try TestServer { $0.unfinishedBytes = 20_000 }
    let peer = try await server.peer()
    let chunk = [UInt8](repeating: 1, count: 9_000)
    for id: UInt32 in [1, 3, 5] { peer.send(HTTP2Peer.request(id, "/echo")) }
    for id: UInt32 in [1, 3, 5] { peer.send(HTTP2Peer.data(id, chunk, isLast: false)) }
    #expect(await peer.next(1)?.streamID == 5)
    await server.stop()
  }
}
