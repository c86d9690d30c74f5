import HTTP1
import Testing

/// A request that must be refused, with the status that says so.
struct RefusedShape: Sendable, CustomTestStringConvertible {
  let name: String
  let bytes: [UInt8]
  let status: Int

  init(_ name: String, _ text: String, _ status: Int = 400) {
    self.init(name, bytes: Array(text.utf8), status)
  }

  init(_ name: String, bytes: [UInt8], _ status: Int = 400) {
    self.name = name
    self.bytes = bytes
    self.status = status
  }

  /// A POST with `fields` besides Host, followed by `body`.
  static func post(_ name: String, _ fields: String, _ body: String = "", _ status: Int = 400) -> RefusedShape {
    RefusedShape(name, "POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n\(body)", status)
  }

  /// A chunked POST with `body` as its coded body.
  static func chunked(_ name: String, _ body: String, _ status: Int = 400) -> RefusedShape {
    .post(name, "Transfer-Encoding: chunked", body, status)
  }

  var testDescription: String { name }

  static let all = framing + chunks + lines + targets + hosts + versions + limits

  static let framing: [RefusedShape] = [
    .post("both lengths", "Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
    .post("both lengths, other order", "Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n"),
    .post("two different Content-Lengths", "Content-Length: 5\r\nContent-Length: 6", "hello!"),
    .post("two equal Content-Lengths", "Content-Length: 5\r\nContent-Length: 5", "hello"),
    .post("a list of Content-Lengths", "Content-Length: 5, 6", "hello"),
    .post("a list of equal Content-Lengths", "Content-Length: 5, 5", "hello"),
    .post("signed Content-Length", "Content-Length: +5", "hello"),
    .post("negative Content-Length", "Content-Length: -5", "hello"),
    .post("hexadecimal Content-Length", "Content-Length: 0x5", "hello"),
    .post("empty Content-Length", "Content-Length: ", "hello"),
    .post("Content-Length with a space inside", "Content-Length: 1 0", "hello"),
    .post("Content-Length in other digits", "Content-Length: \u{0665}", "hello"),
    .post("Content-Length past every integer", "Content-Length: 99999999999999999999999", "", 413),
    .post("Content-Length past the limit", "Content-Length: 98305", "", 413),
    .post("Transfer-Encoding ends in gzip", "Transfer-Encoding: chunked, gzip"),
    .post("Transfer-Encoding with gzip before", "Transfer-Encoding: gzip, chunked"),
    .post("Transfer-Encoding twice in a list", "Transfer-Encoding: chunked, chunked"),
    .post("Transfer-Encoding twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
    .post("Transfer-Encoding hidden in a second line", "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked"),
    .post("Transfer-Encoding identity", "Transfer-Encoding: identity"),
    .post("Transfer-Encoding xchunked", "Transfer-Encoding: xchunked"),
    .post("Transfer-Encoding quoted", "Transfer-Encoding: \"chunked\""),
    .post("Transfer-Encoding with a parameter", "Transfer-Encoding: chunked;q=1"),
    .post("empty Transfer-Encoding", "Transfer-Encoding:"),
    .post("vertical tab before chunked", "Transfer-Encoding: \u{0B}chunked"),
    .post("space before the colon of Transfer-Encoding", "Transfer-Encoding : chunked", "0\r\n\r\n"),
    RefusedShape(
      "Transfer-Encoding in HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    .post("an expectation that nobody knows", "Expect: 200-maybe\r\nContent-Length: 1", "", 417),
  ]

  static let chunks: [RefusedShape] = [
    .chunked("no chunk size", "\r\nhello\r\n0\r\n\r\n"),
    .chunked("a chunk size that is no number", "z\r\nhello\r\n0\r\n\r\n"),
    .chunked("a chunk size with 0x", "0x5\r\nhello\r\n0\r\n\r\n"),
    .chunked("a signed chunk size", "+5\r\nhello\r\n0\r\n\r\n"),
    .chunked("a negative chunk size", "-5\r\nhello\r\n0\r\n\r\n"),
    .chunked("a chunk size past 64 bits", "10000000000000005\r\nhello\r\n0\r\n\r\n"),
    .chunked("a chunk size of 2^63", "8000000000000000\r\nhello"),
    .chunked("a chunk size of sixteen zeros and more", "00000000000000005\r\nhello\r\n0\r\n\r\n"),
    .chunked("a space before the chunk size", " 5\r\nhello\r\n0\r\n\r\n"),
    .chunked("a space after the chunk size", "5 \r\nhello\r\n0\r\n\r\n"),
    .chunked("junk after the chunk size", "5z\r\nhello\r\n0\r\n\r\n"),
    .chunked("a chunk size line ending in LF", "5\nhello\r\n0\r\n\r\n"),
    .chunked("a chunk size line with a bare CR", "5\rhello\r\n0\r\n\r\n"),
    .chunked("an extension with LF in it", "5;a=\nb\r\nhello\r\n0\r\n\r\n"),
    .chunked("chunk data longer than its size", "5\r\nhello!\r\n0\r\n\r\n"),
    .chunked("chunk data ending in LF", "5\r\nhello\n0\r\n\r\n"),
    .chunked("chunk data ending in CR and junk", "5\r\nhello\rX0\r\n\r\n"),
    .chunked("an extension past its limit", "5;" + String(repeating: "a", count: 300) + "\r\nhello"),
    .chunked(
      "many extensions past their limit",
      String(repeating: "1;" + String(repeating: "a", count: 200) + "\r\nx\r\n", count: 12) + "0\r\n\r\n"),
    .chunked("a body past the limit in one chunk", "18001\r\n", 413),
    .chunked(
      "a body past the limit in many chunks",
      String(repeating: "8000\r\n" + String(repeating: "x", count: 0x8000) + "\r\n", count: 3) + "1\r\nx\r\n", 413),
    .chunked("a trailer that is no field", "0\r\nnot a field\r\n\r\n"),
    .chunked("a folded trailer", "0\r\nA: b\r\n c\r\n\r\n"),
    .chunked("too many trailers", "0\r\n" + String(repeating: "A: b\r\n", count: 17) + "\r\n", 431),
    .chunked("too long a trailer", "0\r\nA: " + String(repeating: "b", count: 5_000) + "\r\n\r\n", 431),
  ]

  static let lines: [RefusedShape] = [
    RefusedShape("request line ending in LF", "GET / HTTP/1.1\nHost: a\r\n\r\n"),
    RefusedShape("header line ending in LF", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n"),
    RefusedShape("header section ending in LF", "GET / HTTP/1.1\r\nHost: a\r\n\n"),
    RefusedShape("bare CR in the request line", "GET /\rx HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedShape("bare CR in a header", "GET / HTTP/1.1\r\nHost: a\r\nX: y\rz\r\n\r\n"),
    RefusedShape("two CRs before LF", "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n"),
    RefusedShape("obs-fold with a space", "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n"),
    RefusedShape("obs-fold with a tab", "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\tz\r\n\r\n"),
    RefusedShape("white space before the first header", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
    RefusedShape("space before a colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n"),
    RefusedShape("tab before a colon", "GET / HTTP/1.1\r\nHost: a\r\nX\t: y\r\n\r\n"),
    RefusedShape("no colon", "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n"),
    RefusedShape("empty header name", "GET / HTTP/1.1\r\nHost: a\r\n: y\r\n\r\n"),
    RefusedShape("header name that is no token", "GET / HTTP/1.1\r\nHost: a\r\nX(y): z\r\n\r\n"),
    RefusedShape("header name that is not ASCII", "GET / HTTP/1.1\r\nHost: a\r\nX\u{E9}: z\r\n\r\n"),
    RefusedShape("NUL in a header value", "GET / HTTP/1.1\r\nHost: a\r\nX: y\0z\r\n\r\n"),
    RefusedShape("NUL in a header name", "GET / HTTP/1.1\r\nHost: a\r\nX\0: z\r\n\r\n"),
    RefusedShape("escape character in a header value", "GET / HTTP/1.1\r\nHost: a\r\nX: \u{1B}[0m\r\n\r\n"),
    RefusedShape("DEL in a header value", "GET / HTTP/1.1\r\nHost: a\r\nX: \u{7F}\r\n\r\n"),
    RefusedShape("NUL in the request line", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedShape("two empty lines before the request", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedShape("an empty line ending in LF before the request", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedShape("a TLS hello", bytes: [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01]),
    RefusedShape("a ttrpc frame", bytes: [0, 0, 0, 9, 0, 0, 0, 1, 1, 0]),
  ]

  static let targets: [RefusedShape] = [
    RefusedShape("no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedShape("no version", "GET /\r\nHost: a\r\n\r\n"),
    RefusedShape("two spaces before the target", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedShape("two spaces after the target", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedShape("a tab before the target", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedShape("a space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedShape("a space after the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"),
    RefusedShape("a space before the method", " GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedShape("a method that is no token", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedShape("raw UTF-8 in the target", "GET /\u{E9} HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedShape("a fragment in the target", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedShape("a relative target", "GET a/b HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedShape("* with GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedShape("another scheme", "GET ftp://a/b HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedShape("absolute form without a host", "GET http:///b HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedShape("absolute form with user information", "GET http://u@a/b HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedShape("absolute form with a bad port", "GET http://a:x/b HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedShape("absolute form beside another Host", "POST http://evil/b HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedShape("absolute form without a Host field", "GET http://a/b HTTP/1.1\r\n\r\n"),
    RefusedShape("authority form with GET", "GET a:443 HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedShape("CONNECT with a path", "CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n"),
    RefusedShape("CONNECT without a port", "CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n"),
  ]

  static let hosts: [RefusedShape] = [
    RefusedShape("no Host", "GET / HTTP/1.1\r\nX: y\r\n\r\n"),
    RefusedShape("two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
    RefusedShape("two equal Hosts", "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n"),
    RefusedShape("two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"),
    RefusedShape("empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
    RefusedShape("Host with a list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"),
    RefusedShape("Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    RefusedShape("Host with user information", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
    RefusedShape("Host with a bad port", "GET / HTTP/1.1\r\nHost: a:8o\r\n\r\n"),
    RefusedShape("Host with a long port", "GET / HTTP/1.1\r\nHost: a:123456\r\n\r\n"),
    RefusedShape("Host that is only a port", "GET / HTTP/1.1\r\nHost: :80\r\n\r\n"),
    RefusedShape("Host with an open bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"),
    RefusedShape("Host with junk after the bracket", "GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n"),
    RefusedShape("Host with a quote", "GET / HTTP/1.1\r\nHost: a\"b\r\n\r\n"),
  ]

  static let versions: [RefusedShape] = [
    RefusedShape("HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    RefusedShape("the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    RefusedShape("HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505),
    RefusedShape("HTTP/0.9", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505),
    RefusedShape("HTTP/1.10", "GET / HTTP/1.10\r\nHost: a\r\n\r\n"),
    RefusedShape("HTTP/01.1", "GET / HTTP/01.1\r\nHost: a\r\n\r\n"),
    RefusedShape("HTTP/1", "GET / HTTP/1\r\nHost: a\r\n\r\n"),
    RefusedShape("lower case http/1.1", "GET / http/1.1\r\nHost: a\r\n\r\n"),
    RefusedShape("HTTQ/1.1", "GET / HTTQ/1.1\r\nHost: a\r\n\r\n"),
    RefusedShape("HTTP/1.1 in other digits", "GET / HTTP/1.\u{0661}\r\nHost: a\r\n\r\n"),
  ]

  static let limits: [RefusedShape] = [
    RefusedShape("a long request line", "GET /" + String(repeating: "a", count: 8_192) + " HTTP/1.1\r\n", 414),
    RefusedShape("a request line without end", "GET /" + String(repeating: "a", count: 9_000), 414),
    RefusedShape(
      "a long header", "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "a", count: 32_768) + "\r\n\r\n", 431),
    RefusedShape(
      "a header without end", "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "a", count: 40_000), 431),
    RefusedShape(
      "long headers together",
      "GET / HTTP/1.1\r\nHost: a\r\n"
        + String(repeating: "X: " + String(repeating: "a", count: 1_000) + "\r\n", count: 33)
        + "\r\n", 431),
    RefusedShape(
      "many headers", "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: 100) + "\r\n", 431),
  ]
}
