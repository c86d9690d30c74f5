import TestSupport
import Testing
import Transport

/// Windows both ways, time, and the end of a connection.
@Suite(.timeLimit(.minutes(1))) struct HTTP2FlowTests {
  private func receiveBody(_ peer: HTTP2Peer, _ streamID: UInt32) async -> Int {
    var count = 0
    while let frame = await peer.next(0) {
      count += frame.payload.count
      if frame.flags & 1 != 0 { break }
    }
    return count
  }

  @Test("a request's body comes back")
  func echo() async throws {
    let server = try TestServer()
    let peer = try await server.peer()
    peer.send(HTTP2Peer.request(1, "/echo") + HTTP2Peer.data(1, Array("hello".utf8)))
    #expect(await peer.next(1)?.payload == [0x88])
    #expect(await peer.next(0)?.payload == Array("hello".utf8))
    await server.stop()
  }

  @Test("no more is sent than the peer gives window for, and the rest when it gives more")
  func window() async throws {
    let server = try TestServer()
    let peer = try await server.peer(greeting: HTTP2Peer.magic + HTTP2Peer.settings(window: 10))
    peer.send(HTTP2Peer.request(1, "/size/1000", isLast: true))
    #expect(await peer.next(0)?.payload.count == 10)
    peer.send(HTTP2Peer.windowUpdate(1, 90))
    #expect(await peer.next(0)?.payload.count == 90)
    peer.send(HTTP2Peer.windowUpdate(1, 10_000))
    #expect(await receiveBody(peer, 1) == 900)
    await server.stop()
  }

  @Test("a peer that gives no window loses the stream after a while, and not the connection")
  func zeroWindow() async throws {
    let server = try TestServer { $0.outputSeconds = 0.2 }
    let peer = try await server.peer(greeting: HTTP2Peer.magic + HTTP2Peer.settings(window: 0))
    peer.send(HTTP2Peer.request(1, "/size/1000", isLast: true))
    let reset = await peer.next(3)
    #expect(reset?.streamID == 1)
    #expect(reset?.errorCode == 8)
    peer.send(HTTP2Peer.request(3, "/size/0", isLast: true))
    #expect(await peer.next(1)?.streamID == 3)
    await server.stop()
  }

  @Test("window that trickles does not keep an answer for ever")
  func tinyWindow() async throws {
    let server = try TestServer { $0.outputSeconds = 0.4 }
    let peer = try await server.peer(greeting: HTTP2Peer.magic + HTTP2Peer.settings(window: 1))
    peer.send(HTTP2Peer.request(1, "/size/1000", isLast: true))
    var updates = 0
    while let frame = await peer.next(), frame.type != 3 {
      if frame.type == 0 {
        updates += 1
        if updates < 500 { peer.send(HTTP2Peer.windowUpdate(1, 1)) }
      }
    }
    #expect(updates <= 500)
    await server.stop()
  }

  @Test("whoever produces is told when to stop and when to go on")
  func backpressure() async throws {
    let server = try TestServer { $0.streamUnsentBytes = 5_000 }
    let peer = try await server.peer(greeting: HTTP2Peer.magic + HTTP2Peer.settings(window: 0))
    peer.send(HTTP2Peer.request(1, "/stream", isLast: true))
    await server.happenings.wait(for: "full")
    peer.send(HTTP2Peer.windowUpdate(1, 4_000))
    #expect(await peer.next(0)?.payload.count == 4_000)
    await server.happenings.wait(for: "full")
    await server.stop()
  }

  @Test("a handler that takes nothing gives no window")
  func hoarding() async throws {
    let server = try TestServer()
    let peer = try await server.peer()
    peer.send(HTTP2Peer.request(1, "/hoard"))
    let chunk = [UInt8](repeating: 1, count: 16_384)
    for _ in 0..<3 { peer.send(HTTP2Peer.data(1, chunk, isLast: false)) }
    peer.send(HTTP2Peer.data(1, [UInt8](repeating: 1, count: 16_383), isLast: false))
    // One byte past the window of 65,535 that nobody gave back (RFC 9113 section 6.9.1).
    peer.send(HTTP2Peer.data(1, [1], isLast: false))
    let frame = await peer.next(3)
    #expect(frame?.streamID == 1)
    #expect(frame?.errorCode == 3)
    await server.stop()
  }

  @Test("a reset cancels the task, and so does the connection's end")
  func cancellation() async throws {
    let server = try TestServer()
    let peer = try await server.peer()
    peer.send(HTTP2Peer.request(1, "/wait", isLast: true))
    await server.happenings.wait(for: "running")
    peer.send(HTTP2Peer.reset(1))
    await server.happenings.wait(for: "cancelled")
    peer.send(HTTP2Peer.request(3, "/wait", isLast: true))
    await server.happenings.wait(for: "running")
    peer.close()
    await server.happenings.wait(for: "cancelled")
    await server.stop()
  }

  @Test("time: no preface, half a header block, half a body, nothing at all")
  func timeouts() async throws {
    let server = try TestServer {
      $0.headerSeconds = 0.2
      $0.bodySeconds = 0.2
      $0.idleSeconds = 0.4
    }
    let silent = try await server.peer(greeting: [])
    #expect(await silent.ends())
    let halfHeaders = try await server.peer()
    halfHeaders.send(HTTP2Peer.frame(1, 1, HTTP2Peer.literal(":method", "GET")))
    #expect(await halfHeaders.next(7)?.errorCode == 11)
    #expect(await halfHeaders.ends())
    let halfBody = try await server.peer()
    halfBody.send(HTTP2Peer.request(1, "/echo") + HTTP2Peer.data(1, [1], isLast: false))
    #expect(await halfBody.next(1)?.streamID == 1)
    let idle = try await server.peer()
    idle.send(HTTP2Peer.request(1, "/echo", isLast: true))
    #expect(await idle.next(7)?.errorCode == 0)
    #expect(await idle.ends())
    await server.stop()
  }

  @Test("a stranger may be idle for less long, and its heads count to what strangers may hold")
  func strangers() async throws {
    var listener = ListenerLimits()
    listener.strangerBytesPerAddress = 2_000
    let server = try TestServer(listener: listener) { $0.strangerIdleSeconds = 0.4 }
    let idle = try await server.peer()
    idle.send(HTTP2Peer.request(1, "/echo", isLast: true))
    #expect(await idle.next(7)?.errorCode == 0)
    #expect(await idle.ends())
    let greedy = try await server.peer()
    for number in 0..<100 { greedy.send(HTTP2Peer.request(UInt32(2 * number + 1), "/echo")) }
    #expect(await greedy.next(7)?.errorCode == 11)
    #expect(await greedy.ends())
    await server.stop()
  }

  @Test("a drain says so twice, finishes what runs and closes")
  func drain() async throws {
    let server = try TestServer()
    let peer = try await server.peer()
    peer.send(HTTP2Peer.request(1, "/echo"))
    // The answer to a ping says that the request is there.
    peer.send(HTTP2Peer.ping())
    _ = await peer.next(6)
    let stopping = Task { await server.group.shutDown(graceSeconds: 30) }
    #expect(await peer.next(7)?.lastStream == 0x7FFF_FFFF)
    #expect(await peer.next(6)?.flags == 0)
    peer.send(HTTP2Peer.request(3, "/echo", isLast: true))
    #expect(await peer.next(1)?.streamID == 3, "a request that crossed the first GOAWAY is served")
    peer.send(HTTP2Peer.ping(isAcknowledgement: true))
    #expect(await peer.next(7)?.lastStream == 3)
    peer.send(HTTP2Peer.data(1, Array("late".utf8)))
    #expect(await peer.next(1)?.streamID == 1)
    #expect(await peer.next(0)?.payload == Array("late".utf8))
    #expect(await peer.ends())
    await stopping.value
    await server.stop()
  }

  @Test("a connection that may carry one request ends after it")
  func oneRequest() async throws {
    let server = try TestServer { $0.streamsPerConnection = 1 }
    let peer = try await server.peer()
    peer.send(HTTP2Peer.request(1, "/echo", isLast: true))
    #expect(await peer.next(1)?.streamID == 1)
    #expect(await peer.next(7)?.errorCode == 0)
    #expect(await peer.ends())
    await server.stop()
  }
}
