import Foundation
import HTTP1
import Testing

@Suite(.timeLimit(.minutes(1))) struct HTTP1ServerConnectionTests {
  @Test("an answer has status, date, length and body, and the connection stays")
  func keepAlive() async throws {
    let server = try PlainServer()
    let client = try server.client()
    client.send(get("/1"))
    let first = await client.text(with: "now /1")
    #expect(first.hasPrefix("HTTP/1.1 200 OK\r\nDate: "))
    #expect(first.contains(" GMT\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nnow /1"))
    client.send(get("/2", "Connection: close\r\n"))
    let all = await client.everything()
    #expect(count("HTTP/1.1 200 OK", in: all) == 2)
    #expect(count("Connection: close\r\n", in: all) == 1)
    #expect(all.hasSuffix("\r\n\r\nnow /2"))
    await server.stop()
  }

  @Test("HTTP/1.0 closes after an answer unless keep-alive was asked for, which is then confirmed")
  func http10() async throws {
    let server = try PlainServer()
    let closing = try server.client()
    closing.send(get("/1", version: "1.0") + get("/2", version: "1.0"))
    let one = await closing.everything()
    #expect(count("HTTP/1.1 200 OK", in: one) == 1)
    #expect(one.contains("Connection: close\r\n"))
    let keeping = try server.client()
    keeping.send(get("/1", "Connection: keep-alive\r\n", version: "1.0") + get("/2", version: "1.0"))
    let two = await keeping.everything()
    #expect(count("Connection: keep-alive\r\n", in: two) == 1)
    #expect(two.hasSuffix("now /2"))
    await server.stop()
  }

  @Test("pipelined requests are answered in order, though an earlier one takes longer")
  func pipelining() async throws {
    let server = try PlainServer()
    let client = try server.client()
    client.send(get("/1") + get("/held") + get("/2") + get("/held") + get("/3", "Connection: close\r\n"))
    _ = await client.text(with: "now /1")
    var events = server.responder.events.makeAsyncIterator()
    #expect(await events.next() == "asked /1")
    #expect(await events.next() == "asked /held")
    client.send("GET /too-late HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(server.responder.asked == ["/1", "/held"])
    server.responder.release()
    let all = await client.everything()
    let bodies = all.components(separatedBy: "\r\n\r\n").dropFirst().map { $0.prefix { $0 != "H" } }
    #expect(bodies == ["now /1", "held", "now /2", "held", "now /3"])
    #expect(server.responder.asked == ["/1", "/held", "/2", "/held", "/3"])
    await server.stop()
  }

  @Test("an answer to HEAD has the length of the body but not the body; 204 has neither")
  func bodiless() async throws {
    let server = try PlainServer()
    let client = try server.client()
    client.send("HEAD /big HTTP/1.1\r\nHost: a\r\n\r\n" + get("/none") + get("/x", "Connection: close\r\n"))
    let all = await client.everything()
    #expect(all.contains("Content-Length: 100000\r\n\r\nHTTP/1.1 204 No Content\r\n"))
    #expect(count("Content-Length", in: all) == 2)
    #expect(all.hasSuffix("now /x"))
    await server.stop()
  }

  @Test("a secret is sent like any other body, and a field value cannot end its line")
  func bodies() async throws {
    let server = try PlainServer()
    let client = try server.client()
    client.send(get("/secret") + get("/split", "Connection: close\r\n"))
    let all = await client.everything()
    #expect(all.contains("Content-Length: 4\r\n\r\nhushHTTP"))
    #expect(all.contains("\r\nX: a  Y: b\r\n"))
    await server.stop()
  }

  @Test("100 Continue is sent before the body to who waits for it, and not to who does not")
  func expectContinue() async throws {
    let server = try PlainServer()
    let client = try server.client()
    let head = "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 5\r\n"
    client.send(head + "\r\n")
    #expect(await client.text(with: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
    client.send("hello")
    #expect(await client.text(with: "hello").hasSuffix("Content-Length: 5\r\n\r\nhello"))
    client.send(head + "Connection: close\r\n\r\nworld")
    let all = await client.everything()
    #expect(count("100 Continue", in: all) == 1)
    #expect(all.hasSuffix("world"))
    await server.stop()
  }

  @Test(
    "a body that would be refused or is not wanted is not asked for",
    arguments: [
      ("/echo", "100-continue", 98_305, "413 Content Too Large"), ("/unwanted", "100-continue", 5, "401 Unauthorized"),
      ("/echo", "something", 5, "417 Expectation Failed"),
    ])
  func unwantedBody(path: String, expectation: String, length: Int, status: String) async throws {
    let server = try PlainServer()
    let client = try server.client()
    client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nExpect: \(expectation)\r\nContent-Length: \(length)\r\n\r\n")
    let all = await client.everything()
    #expect(all.hasPrefix("HTTP/1.1 \(status)\r\n"))
    #expect(all.contains("Connection: close\r\n"))
    #expect(server.responder.asked.isEmpty)
    await server.stop()
  }

  @Test("a refusal reaches a peer that goes on sending, and nothing behind it is carried out")
  func refusalIsLast() async throws {
    let server = try PlainServer()
    let client = try server.client()
    let body = [UInt8](repeating: UInt8(ascii: "x"), count: 4_000_000)
    let head = get("/1") + "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n"
    client.sendInBackground(Array(head.utf8) + body + Array(get("/3").utf8))
    let all = await client.everything()
    #expect(all.contains("now /1"))
    #expect(all.contains("HTTP/1.1 413 Content Too Large\r\n"))
    #expect(server.responder.asked == ["/1"])
    await server.stop()
  }

  @Test("a peer that closes its half still gets its answers")
  func halfClose() async throws {
    let server = try PlainServer()
    let client = try server.client()
    client.send(get("/held") + get("/held"))
    client.endSending()
    var events = server.responder.events.makeAsyncIterator()
    #expect(await events.next() == "asked /held")
    server.responder.release()
    let all = await client.everything()
    #expect(count("held", in: all) == 2)
    await server.stop()
  }

  @Test("a request that is cut short by the peer's end is not carried out")
  func truncated() async throws {
    let server = try PlainServer()
    let client = try server.client()
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell")
    client.endSending()
    #expect(await client.everything().isEmpty)
    #expect(server.responder.asked.isEmpty)
    await server.stop()
  }

  @Test("what a peer that is gone was waiting for is cancelled")
  func peerGone() async throws {
    let server = try PlainServer()
    let client = try server.client()
    client.send(get("/held"))
    var events = server.responder.events.makeAsyncIterator()
    #expect(await events.next() == "asked /held")
    client.reset()
    #expect(await events.next() == "cancelled /held")
    await server.stop()
  }

  @Test("a peer that does not read is not worked for, and gets all answers once it reads")
  func backpressure() async throws {
    let server = try PlainServer()
    let client = try server.client(reads: false)
    let total = 200
    client.sendInBackground(
      Array(String(repeating: get("/big"), count: total).utf8) + Array(get("/end", "Connection: close\r\n").utf8))
    // With nobody reading the server fills the kernel's buffers and its own, then stops: wait until it has.
    var seen = -1
    while seen != server.responder.asked.count {
      seen = server.responder.asked.count
      try await Task.sleep(for: .milliseconds(200))
    }
    #expect(seen > 0)
    #expect(seen < total)
    client.startReading()
    let all = await client.everything()
    #expect(all.hasSuffix("now /end"))
    #expect(count("Content-Length: 100000\r\n", in: all) == total)
    #expect(server.responder.asked.count == total + 1)
    await server.stop()
  }
}
