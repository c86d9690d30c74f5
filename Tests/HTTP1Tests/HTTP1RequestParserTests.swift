import HTTP1
import Testing

@Suite struct HTTP1RequestParserTests {
  @Test("a shape that two programs could read in two ways is refused", arguments: RefusedShape.all)
  func refusedShapes(shape: RefusedShape) throws {
    let outcome = ParserDriver.outcome(shape.bytes)
    guard case .refused(let refusal) = outcome else {
      Issue.record("not refused: \(String(describing: outcome))")
      return
    }
    #expect(refusal.status == shape.status, "\(refusal.message)")
  }

  @Test("what is refused stays refused")
  func refusalIsFinal() {
    var parser = HTTP1RequestParser()
    let bad = Array("GET /\r\n\r\n".utf8)
    let good = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    let first = parser.parse(bad.span.bytes)
    #expect(first.consumed == bad.count)
    let second = parser.parse(good.span.bytes)
    #expect(second.event == first.event)
    #expect(second.consumed == good.count)
  }

  @Test("a request without a body has its method, target, version and fields")
  func plainRequest() throws {
    let request = try #require(
      ParserDriver.request("GET /a%2Fb?pretty&x=1 HTTP/1.1\r\nHOST: a.b:80\r\nX-One:\t one two \t\r\nx-one:\r\n\r\n"))
    #expect(request.head.method == "GET")
    #expect(request.head.target == "/a%2Fb?pretty&x=1")
    #expect(request.head.path == "/a%2Fb")
    #expect(request.head.version == .http11)
    #expect(request.head.fields.values(of: "x-one") == ["one two", ""])
    #expect(request.head.fields["host"] == "a.b:80")
    #expect(request.body.isEmpty)
  }

  @Test(
    "every form of target is brought to origin form",
    arguments: [
      ("GET", "/", "/"), ("GET", "//a/b", "//a/b"), ("GET", "/a/../b/.", "/a/../b/."),
      ("GET", "http://h/a?b", "/a?b"), ("GET", "HTTPS://h:1/a", "/a"), ("GET", "https://h", "/"),
      ("GET", "https://[::1]:80?q=1", "/?q=1"), ("OPTIONS", "*", "*"), ("OPTIONS", "http://h", "*"),
      ("CONNECT", "h:443", "h:443"), ("GET", "/|\"{}<>^`\\", "/|\"{}<>^`\\"),
    ])
  func targets(method: String, target: String, expected: String) throws {
    let authority = target.split(separator: "://", maxSplits: 1).last?.prefix { $0 != "/" && $0 != "?" } ?? ""
    let host = target.contains("://") ? authority : "a"
    let request = try #require(ParserDriver.request("\(method) \(target) HTTP/1.1\r\nHost: \(host)\r\n\r\n"))
    #expect(request.head.target == expected)
  }

  @Test(
    "a Host names what absolute form names, in any case, with or without the scheme's own port",
    arguments: [
      ("http://a.b/x", "A.B", true), ("http://a.b/x", "a.b:80", true), ("https://a.b:443/x", "a.b", true),
      ("https://a.b:8443/x", "a.b:8443", true), ("https://a.b/x", "a.b:80", false), ("http://a.b/x", "a.c", false),
      ("https://a.b:8443/x", "a.b", false), ("http://evil/x", "a.b", false),
    ])
  func sameHost(target: String, host: String, isTaken: Bool) {
    let request = ParserDriver.request("POST \(target) HTTP/1.1\r\nHost: \(host)\r\nContent-Length: 0\r\n\r\n")
    #expect((request != nil) == isTaken)
  }

  @Test(
    "valid hosts are taken",
    arguments: ["a", "A.example:8443", "127.0.0.1:1", "[::1]", "[2001:db8::1]:443", "a_b-c.~", "a:"])
  func hosts(host: String) {
    #expect(ParserDriver.request("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n") != nil)
  }

  @Test("HTTP/1.0 needs no Host")
  func http10() throws {
    let request = try #require(ParserDriver.request("GET / HTTP/1.0\r\n\r\n"))
    #expect(request.head.version == .http10)
  }

  @Test("a body of a stated length is taken, and what follows is the next request")
  func fixedBody() {
    let events = ParserDriver.events(
      "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 05\r\n\r\nhelloGET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(events.count == 3)
    guard case .head(let head) = events[0], case .request(let first) = events[1], case .request(let second) = events[2]
    else {
      Issue.record("\(events)")
      return
    }
    #expect(head.target == "/1")
    #expect(first.body == Array("hello".utf8))
    #expect(second.head.target == "/2")
    #expect(second.body.isEmpty)
  }

  @Test("a length of zero is no body")
  func emptyBody() {
    let events = ParserDriver.events("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
    #expect(events.count == 1)
  }

  @Test("a chunked body is put together, without its extensions and trailers")
  func chunkedBody() throws {
    let request = try #require(
      ParserDriver.request(
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
          + "5;name=\"va;lue\"\r\nhello\r\n00a\r\n, world\r\n!\r\n000;x\r\nContent-Length: 9\r\nHost: evil\r\n\r\n"))
    #expect(request.body == Array("hello, world\r\n!".utf8))
    #expect(request.head.fields["content-length"] == nil)
    #expect(request.head.fields.values(of: "host") == ["a"])
  }

  @Test("a body of exactly the limit is taken, in either coding")
  func bodyAtLimit() throws {
    var limits = HTTP1Limits()
    limits.bodyBytes = 20
    let body = String(repeating: "x", count: 20)
    let fixed = ParserDriver.request(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n\(body)", limits: limits)
    let chunked = ParserDriver.request(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "a\r\n\(body.prefix(10))\r\nA\r\n\(body.prefix(10))\r\n0\r\n\r\n", limits: limits)
    #expect(fixed?.body == Array(body.utf8))
    #expect(chunked?.body == Array(body.utf8))
    #expect(
      ParserDriver.refusalStatus("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 21\r\n\r\n", limits: limits) == 413)
  }

  @Test("a request line and headers of exactly the limits are taken")
  func headAtLimits() {
    let line = "GET /" + String(repeating: "a", count: 8_192 - 14) + " HTTP/1.1"
    #expect(line.utf8.count == 8_192)
    let host = "Host: a\r\n"
    let fields = String(repeating: "X: y\r\n", count: 98)
    let rest = 32_768 - host.utf8.count - fields.utf8.count - "Y: \r\n".utf8.count
    let big = "Y: " + String(repeating: "b", count: rest) + "\r\n"
    #expect(ParserDriver.request("\(line)\r\n\(host)\(fields)\(big)\r\n") != nil)
    #expect(ParserDriver.refusalStatus("\(line)\r\n\(host)\(fields)\(big)Z:\r\n\r\n") == 431)
  }

  @Test("one empty line before a request is passed over")
  func emptyLineBefore() {
    #expect(ParserDriver.request("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n") != nil)
  }

  @Test("header values may hold bytes that are not UTF-8")
  func opaqueValue() {
    let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\nX: ".utf8) + [0xE9] + Array("\r\n\r\n".utf8)
    guard case .request(let request) = ParserDriver.outcome(bytes) else {
      Issue.record("refused")
      return
    }
    #expect(request.head.fields["x"] == "\u{FFFD}")
  }

  @Test(
    "whether the connection stays is read from version and Connection",
    arguments: [
      ("1.1", "", true), ("1.1", "Connection: close\r\n", false), ("1.1", "Connection: foo, CLOSE\r\n", false),
      ("1.1", "Connection: closed\r\n", true), ("1.0", "", false), ("1.0", "Connection: Keep-Alive\r\n", true),
      ("1.0", "Connection: keep-alive\r\nConnection: close\r\n", false),
    ])
  func persistence(version: String, field: String, expected: Bool) {
    #expect(
      ParserDriver.request("GET / HTTP/\(version)\r\nHost: a\r\n\(field)\r\n")?.head.keepsAlive == expected)
  }
}
