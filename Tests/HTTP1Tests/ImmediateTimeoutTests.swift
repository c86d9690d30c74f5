import HTTP1
import TestSupport
import Testing

/// Timers and drains around requests that are answered from memory.
@Suite(.timeLimit(.minutes(1))) struct ImmediateTimeoutTests {
  private func server(_ change: (inout HTTP1Limits) -> Void) throws -> PlainServer<ImmediateScript> {
    var limits = HTTP1Limits()
    change(&limits)
    return try PlainServer(responder: ImmediateScript(), limits: limits)
  }

  @Test("a connection that asks no more is closed without a word")
  func idle() async throws {
    let server = try server { $0.idleSeconds = 0.15 }
    let client = try server.client()
    client.send(post("/now1") + post("/now2"))
    #expect(await client.everything().hasSuffix("/now2||{}|"))
    await server.stop()
  }

  @Test("each request starts the idle time anew")
  func idleAnew() async throws {
    let server = try server { $0.idleSeconds = 1.2 }
    let client = try server.client()
    for round in 0..<5 {
      client.send(post("/now\(round)"))
      #expect(await client.text(with: "/now\(round)||{}|").hasSuffix("/now\(round)||{}|"))
      try await Task.sleep(for: .milliseconds(300))
    }
    #expect(!client.hasEnded)
    #expect(await client.everything().hasSuffix("/now4||{}|"))
    await server.stop()
  }

  @Test("half a request behind answered ones is answered 408", arguments: ["PO", "POST /now HTTP/1.1\r\nHost: a\r\n"])
  func halfHead(part: String) async throws {
    let server = try server { $0.headerSeconds = 0.15 }
    let client = try server.client()
    client.send(post("/now1") + part)
    let all = await client.everything()
    #expect(all.contains("/now1||{}|HTTP/1.1 408 Request Timeout\r\n"))
    #expect(server.responder.counts.prepared == 1)
    await server.stop()
  }

  @Test("half a body is answered 408")
  func halfBody() async throws {
    let server = try server { $0.bodySeconds = 0.15 }
    let client = try server.client()
    client.send(post("/now1") + post("/now2").dropLast())
    #expect(await client.everything().contains("/now1||{}|HTTP/1.1 408 Request Timeout\r\n"))
    await server.stop()
  }

  @Test("a request that crosses the drain on its way is answered, and the answer is the last")
  func crossing() async throws {
    let server = try server { $0.drainSeconds = 20 }
    let client = try server.client()
    client.send(post("/now1"))
    _ = await client.text(with: "/now1||{}|")
    async let stopped: Void = server.group.shutDown(graceSeconds: 20)
    // The port is closed when the drain has begun; what comes the moment after may still be met before this connection is told.
    while (try? server.client()) != nil { await Task.yield() }
    client.send(post("/now2"))
    let isLate = (await client.text(with: "/now2")).contains("close")
    if !isLate { client.send(post("/now2")) }
    let all = await client.everything()
    #expect(count("HTTP/1.1 200 OK", in: all) == (isLate ? 2 : 3))
    #expect(count("Connection: close\r\n", in: all) == 1)
    #expect(all.contains("Connection: close\r\n\r\nnow /now2"))
    #expect(server.responder.counts.prepared == (isLate ? 1 : 2))
    await stopped
  }

  @Test("a drain ends a connection that was answered and asks no more")
  func idleDrain() async throws {
    let server = try server { $0.drainSeconds = 0.1 }
    let client = try server.client()
    client.send(post("/now1"))
    _ = await client.text(with: "/now1||{}|")
    await server.group.shutDown(graceSeconds: 20)
    #expect(await client.everything().hasSuffix("/now1||{}|"))
  }
}
