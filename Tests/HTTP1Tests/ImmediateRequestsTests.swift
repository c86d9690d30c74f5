import Foundation
import HTTP1
import TestSupport
import Testing
import Transport

/// The short way as a peer sees it, or rather cannot tell it from the other.
@Suite(.timeLimit(.minutes(1))) struct ImmediateRequestsTests {
  private func server(
    _ change: (inout HTTP1Limits) -> Void = { _ in }, listener: ListenerLimits = ListenerLimits(), loops: Int = 1
  ) throws -> PlainServer<ImmediateScript> {
    var limits = HTTP1Limits()
    change(&limits)
    return try PlainServer(responder: ImmediateScript(), limits: limits, listener: listener, loops: loops)
  }

  /// The bodies in `answers`, none of which may hold `HTTP`.
  private func bodies(_ answers: String) -> [String] {
    answers.components(separatedBy: "HTTP/1.1 ").dropFirst().map { $0.components(separatedBy: "\r\n\r\n")[1] }
  }

  /// What was asked for, whichever way the answers came.
  private func targets(_ answers: String) -> [String] {
    bodies(answers).map { body in
      String(body.hasPrefix("now ") ? body.dropFirst(4) : body.prefix { $0 != "|" })
    }
  }

  @Test("an answer has status, date, the exchange's fields, length and body, and the connection stays")
  func answer() async throws {
    let server = try server()
    let client = try server.client()
    client.send(post("/now%2F1", "Authorization:  Bearer t \r\n", "{body}"))
    let first = await client.text(with: "{body}|")
    let date = try #require(first.components(separatedBy: "\r\n").dropFirst().first)
    #expect(date.hasPrefix("Date: ") && date.hasSuffix(" GMT") && date.utf8.count == 35)
    #expect(
      first == "HTTP/1.1 200 OK\r\n\(date)\r\nX-Way: short\r\nContent-Length: 25\r\n\r\n/now%2F1|Bearer t|{body}|")
    client.send(post("/now2", "", ""))
    client.endSending()
    #expect(bodies(await client.everything()) == ["/now%2F1|Bearer t|{body}|", "/now2|||"])
    #expect(server.responder.counts == .init(responders: 1, exchanges: 1, prepared: 2))
    await server.stop()
  }

  @Test("requests of both ways in one packet are answered in order, a pending one between them")
  func mixed() async throws {
    let server = try server()
    let client = try server.client()
    client.send(post("/now1") + get("/2") + post("/held") + post("/now4") + post("/5") + post("/now6"))
    client.endSending()
    await server.responder.wasAsked(for: "/held")
    #expect(server.responder.counts.prepared == 1)
    server.responder.release()
    let all = bodies(await client.everything())
    #expect(all == ["/now1||{}|", "now /2", "held", "/now4||{}|", "now /5", "/now6||{}|"])
    await server.stop()
  }

  @Test("shapes that leave a question open go the slow way and keep their meaning")
  func slowShapes() async throws {
    let server = try server()
    let client = try server.client()
    client.send(post("/now?q") + get("/now") + "\r\n" + post("/now", "X: \t\r\n") + post("/now", "Authorization:\r\n"))
    client.send(post("/now", "X-Workload-Token: w\r\n") + post("/now", "Expect: 100-continue\r\n"))
    client.send(post("/now", "Connection: close\r\n") + post("/now"))
    let all = await client.everything()
    #expect(count("HTTP/1.1 200 OK", in: all) == 7)
    #expect(count("Connection: close", in: all) == 1)
    #expect(server.responder.counts.prepared == 0)
    #expect(server.responder.counts.asked == ["/now?q"] + Array(repeating: "/now", count: 6))
    await server.stop()
  }

  @Test("cutting pipelined requests at any place between two packets changes nothing")
  func everySplit() async throws {
    let server = try server()
    let requests = post("/now1", "Authorization: t\r\n") + post("/2") + post("/now3")
    for cut in stride(from: 1, to: requests.utf8.count, by: 3) {
      let client = try server.client()
      client.send(String(requests.utf8.prefix(cut)) ?? "")
      // An answer, where there is one already, shows that the first part was read on its own.
      if cut > post("/now1", "Authorization: t\r\n").utf8.count { _ = await client.text(with: "{}|") }
      client.send(String(requests.utf8.dropFirst(cut)) ?? "")
      client.endSending()
      #expect(targets(await client.everything()) == ["/now1", "/2", "/now3"], "cut at \(cut)")
    }
    await server.stop()
  }

  @Test("a client that ends every body with an empty line is served for as long as it goes on")
  func emptyLines() async throws {
    let server = try server()
    let client = try server.client()
    for round in 0..<5 {
      client.send(post("/now\(round)") + "\r\n")
      #expect(await client.text(with: "/now\(round)").hasPrefix("HTTP/1.1 200 OK\r\n"))
      #expect(!client.hasEnded)
    }
    client.send("\r\n\r\n")
    #expect(await client.everything().contains("HTTP/1.1 400 Bad Request\r\n"))
    await server.stop()
  }

  @Test("more pipelined requests than any buffer holds are all answered, in order")
  func flood() async throws {
    let server = try server()
    let client = try server.client()
    let total = 20_000
    let last = get("/end", "Connection: close\r\n")
    client.sendInBackground((0..<total).flatMap { Array(post("/now\($0)").utf8) } + Array(last.utf8))
    let all = targets(await client.everything())
    #expect(all == (0..<total).map { "/now\($0)" } + ["/end"])
    // Those that lay across the end of what was read at once went the slow way.
    #expect((total - 500...total).contains(server.responder.counts.prepared))
    await server.stop()
  }

  @Test("a peer that does not read is not worked for, and gets all answers once it reads")
  func backpressure() async throws {
    let server = try server()
    let client = try server.client(reads: false)
    let total = 200
    client.sendInBackground(
      Array((String(repeating: post("/big"), count: total) + get("/end", "Connection: close\r\n")).utf8))
    var seen = -1
    while seen != server.responder.counts.prepared {
      seen = server.responder.counts.prepared
      try await Task.sleep(for: .milliseconds(200))
    }
    #expect((1..<total).contains(seen))
    client.startReading()
    let all = await client.everything()
    #expect(count("Content-Length: 100000\r\n", in: all) == total)
    #expect(bodies(all).dropLast().allSatisfy { $0.utf8.count == ImmediateScript.bigCount })
    await server.stop()
  }

  @Test("the connections of one loop share one responder, and each has an exchange of its own", arguments: [1, 2])
  func sharing(loops: Int) async throws {
    let server = try server(loops: loops)
    for _ in 0..<40 {
      let client = try server.client()
      client.send(post("/now"))
      _ = await client.text(with: "/now||{}|")
    }
    #expect((1...loops).contains(server.responder.counts.responders))
    #expect(server.responder.counts.exchanges == 40)
    await server.stop()
  }
}
