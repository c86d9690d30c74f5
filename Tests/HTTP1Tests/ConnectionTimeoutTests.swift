import HTTP1
import Testing
import Transport

/// Slow peers and slow answers, with limits small enough for a test.
@Suite(.timeLimit(.minutes(1))) struct ConnectionTimeoutTests {
  private func server(_ change: (inout HTTP1Limits) -> Void) throws -> PlainServer<ScriptedResponder> {
    var limits = HTTP1Limits()
    change(&limits)
    return try PlainServer(limits: limits)
  }

  @Test("headers that take too long are answered 408, counted from their first byte")
  func slowHeaders() async throws {
    let server = try server { $0.headerSeconds = 0.15 }
    let client = try server.client()
    client.send(get("/1") + "GET /2 HTTP/1.1\r\nHo")
    let all = await client.everything()
    #expect(all.contains("now /1"))
    #expect(all.contains("HTTP/1.1 408 Request Timeout\r\n"))
    #expect(all.contains("Connection: close\r\n"))
    #expect(server.responder.asked == ["/1"])
    await server.stop()
  }

  @Test("each further byte of a header does not win more time")
  func tricklingHeaders() async throws {
    let server = try server { $0.headerSeconds = 0.3 }
    let client = try server.client()
    let trickle = Task {
      for byte in get("/1", "X: " + String(repeating: "y", count: 10_000) + "\r\n") {
        client.send(String(byte))
        try await Task.sleep(for: .milliseconds(20))
      }
    }
    #expect(await client.everything().contains("408 Request Timeout"))
    trickle.cancel()
    await server.stop()
  }

  @Test("a body that takes too long is answered 408")
  func slowBody() async throws {
    let server = try server { $0.bodySeconds = 0.15 }
    let client = try server.client()
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe")
    #expect(await client.everything().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
    await server.stop()
  }

  @Test("a connection without a request is closed without a word", arguments: ["", get("/1")])
  func idle(before: String) async throws {
    let server = try server { $0.idleSeconds = 0.15 }
    let client = try server.client()
    client.send(before)
    let all = await client.everything()
    #expect(before.isEmpty ? all.isEmpty : all.hasSuffix("now /1"))
    await server.stop()
  }

  @Test("whoever has not proved who it is may be idle for less long")
  func idleStranger() async throws {
    let server = try server { $0.strangerIdleSeconds = 0.15 }
    let client = try server.client()
    client.send(get("/1"))
    #expect(await client.everything().hasSuffix("now /1"))
    await server.stop()
  }

  @Test("a body of a stranger is kept within what strangers may hold, and then answered 503")
  func strangerBody() async throws {
    var listener = ListenerLimits()
    listener.strangerBytesPerAddress = 20_000
    let server = try PlainServer(limits: HTTP1Limits(), listener: listener)
    let client = try server.client()
    client.sendInBackground(
      Array("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n".utf8)
        + [UInt8](repeating: 97, count: 60_000))
    #expect(await client.everything().hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
    let modest = try server.client()
    modest.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\nh")
    modest.send("i")
    #expect(await modest.everything().hasPrefix("HTTP/1.1 200 OK\r\n"))
    await server.stop()
  }

  @Test("an answer that takes too long becomes 504, its work is cancelled, and the connection goes on")
  func slowAnswer() async throws {
    let server = try server { $0.answerSeconds = 0.15 }
    let client = try server.client()
    client.send(get("/held") + get("/2", "Connection: close\r\n"))
    let all = await client.everything()
    #expect(all.hasPrefix("HTTP/1.1 504 Gateway Timeout\r\n"))
    #expect(all.hasSuffix("now /2"))
    var events = server.responder.events.makeAsyncIterator()
    var seen: Set<String> = []
    for _ in 0..<3 { if let event = await events.next() { seen.insert(event) } }
    #expect(seen == ["asked /held", "cancelled /held", "asked /2"])
    await server.stop()
  }
}
