import HTTP1
import Testing

@Suite(.timeLimit(.minutes(1))) struct ConnectionDrainTests {
  @Test("a drain answers what runs and what waits behind it, says close with the last answer, and ends idle peers")
  func drain() async throws {
    let server = try PlainServer()
    let busy = try server.client()
    let idle = try server.client()
    busy.send(get("/held") + get("/2"))
    idle.send(get("/1"))
    _ = await idle.text(with: "now /1")
    var events = server.responder.events.makeAsyncIterator()
    var asked: Set<String?> = []
    for _ in 0..<2 { asked.insert(await events.next()) }
    #expect(asked == ["asked /held", "asked /1"])
    async let stopped: Void = server.group.shutDown(graceSeconds: 20)
    let farewell = await idle.everything()
    #expect(farewell.hasSuffix("now /1"))
    server.responder.release()
    let all = await busy.everything()
    #expect(count("HTTP/1.1 200 OK", in: all) == 2)
    #expect(count("Connection: close\r\n", in: all) == 1)
    #expect(all.hasSuffix("now /2"))
    await stopped
  }

  @Test("a request that crosses the drain on its way is still answered")
  func crossing() async throws {
    var limits = HTTP1Limits()
    limits.drainSeconds = 20
    let server = try PlainServer(limits: limits)
    let client = try server.client()
    client.send(get("/1"))
    _ = await client.text(with: "now /1")
    async let stopped: Void = server.group.shutDown(graceSeconds: 20)
    // The port is closed when the drain has begun; what comes the moment after may still be met before this connection is told.
    while (try? server.client()) != nil { await Task.yield() }
    client.send(get("/2"))
    if !(await client.text(with: "now /2")).contains("close") { client.send(get("/2")) }
    let all = await client.everything()
    #expect(all.contains("Connection: close\r\n\r\nnow /2"))
    await stopped
  }

  @Test("a peer that holds a half request cannot hold up a drain for longer than its time")
  func halfRequest() async throws {
    var limits = HTTP1Limits()
    limits.headerSeconds = 0.3
    let server = try PlainServer(limits: limits)
    let client = try server.client()
    client.send(get("/1") + "GET /2")
    _ = await client.text(with: "now /1")
    await server.group.shutDown(graceSeconds: 30)
    #expect(await client.everything().contains("408 Request Timeout"))
  }
}
