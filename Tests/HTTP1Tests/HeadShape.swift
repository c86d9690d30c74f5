import Testing

/// A request with whether the short way may take it.
struct HeadShape: Sendable, CustomTestStringConvertible {
  let name: String
  let text: String
  let isTaken: Bool

  init(_ name: String, _ text: String, isTaken: Bool = false) {
    self.name = name
    self.text = text
    self.isTaken = isTaken
  }

  /// A POST with `fields`, Host among them, followed by `body`.
  static func post(_ name: String, _ fields: String, _ body: String = "", isTaken: Bool = false) -> HeadShape {
    HeadShape(name, "POST /a HTTP/1.1\r\nHost: h\r\n\(fields)\r\n\(body)", isTaken: isTaken)
  }

  var testDescription: String { name }

  static let all = ordinary + lengths + lines + fields + targets

  static let ordinary: [HeadShape] = [
    .post("nothing but Host", "", isTaken: true),
    .post("a token and a body", "Authorization: Bearer a.b-c_d\r\nContent-Length: 2\r\n", "{}", isTaken: true),
    .post("lower case", "authorization: bearer t\r\ncontent-length: 2\r\n", "{}", isTaken: true),
    .post("upper case", "AUTHORIZATION: BEARER T\r\nCONTENT-LENGTH: 2\r\n", "{}", isTaken: true),
    .post("many spaces around values", "Authorization:   t  \r\nContent-Length:  2 \r\n", "{}", isTaken: true),
    .post("no spaces around values", "Authorization:t\r\nContent-Length:2\r\n", "{}", isTaken: true),
    .post("spaces inside the authorization", "Authorization: Bearer   t t\r\n", isTaken: true),
    .post("a comma in the authorization", "Authorization: Bearer a, Bearer b\r\n", isTaken: true),
    .post("fields that change nothing", "Accept: */*\r\nX-A:\r\nX-A: b\r\nUser-Agent: c (d)\r\n", isTaken: true),
    .post("every character of a token in a name", "!#$%&'*+-.^_`|~09azAZ: x\r\n", isTaken: true),
    .post("Connection: keep-alive", "Connection: Keep-Alive\r\nconnection: keep-alive\r\n", isTaken: true),
    .post("names as long as those that matter", "Hos_: x\r\nExpecx: y\r\nContent-Lengt_: 7\r\n", isTaken: true),
    .post("another request behind", "Content-Length: 2\r\n", "{}POST /b HTTP/1.1\r\nHost", isTaken: true),
    .post("bytes of any kind in the body", "Content-Length: 6\r\n", "\r\n\0\u{E9}\n", isTaken: true),
  ]

  static let lengths: [HeadShape] = [
    .post("length 0", "Content-Length: 0\r\n", "more", isTaken: true),
    .post("leading zeros", "Content-Length: 000000002\r\n", "{}", isTaken: true),
    .post("ten digits", "Content-Length: 0000000002\r\n", "{}"),
    .post("a body that is not all here", "Content-Length: 3\r\n", "{}"),
    .post("two equal lengths", "Content-Length: 2\r\nContent-Length: 2\r\n", "{}"),
    .post("two different lengths", "Content-Length: 2\r\ncontent-length: 3\r\n", "{}{"),
    .post("two lengths, the first 0", "Content-Length: 0\r\nContent-Length: 2\r\n", "{}"),
    .post("a list of lengths", "Content-Length: 2, 2\r\n", "{}"),
    .post("no digits", "Content-Length:\r\n"),
    .post("a sign", "Content-Length: +2\r\n", "{}"),
    .post("hexadecimal", "Content-Length: 0x2\r\n", "{}"),
    .post("a tab after the length", "Content-Length: 2\t\r\n", "{}"),
    .post("past the limit", "Content-Length: 98305\r\n", String(repeating: "x", count: 98_305)),
    .post("at the limit", "Content-Length: 98304\r\n", String(repeating: "x", count: 98_304), isTaken: true),
    .post("past every integer", "Content-Length: 18446744073709551618\r\n", "{}"),
    .post("chunked", "Transfer-Encoding: chunked\r\n", "0\r\n\r\n"),
    .post("chunked behind a length", "Content-Length: 5\r\nTRANSFER-ENCODING: chunked\r\n", "0\r\n\r\n"),
    .post("chunked before a length", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
    .post("identity", "Transfer-Encoding: identity\r\n"),
  ]

  static let lines: [HeadShape] = [
    HeadShape("an empty line before", "\r\nPOST / HTTP/1.1\r\nHost: h\r\n\r\n"),
    HeadShape("nothing", ""), HeadShape("a request line alone", "POST / HTTP/1.1\r\n"),
    HeadShape("no empty line yet", "POST / HTTP/1.1\r\nHost: h\r\n"),
    HeadShape("half an empty line", "POST / HTTP/1.1\r\nHost: h\r\n\r"),
    HeadShape("CR and something else for the empty line", "POST / HTTP/1.1\r\nHost: h\r\n\rX"),
    HeadShape("LF for the empty line", "POST / HTTP/1.1\r\nHost: h\r\n\n"),
    HeadShape("LF after the request line", "POST / HTTP/1.1\nHost: h\r\n\r\n"),
    .post("LF after a field", "X: y\nZ: a\r\n"), .post("CR after a field", "X: y\rZ: a\r\n"),
    .post("two CRs", "X: y\r\r\n"), .post("folded with a space", "X: y\r\n z\r\n"),
    .post("folded with a tab", "X: y\r\n\tz\r\n"), .post("folded authorization", "Authorization: t\r\n u\r\n"),
    .post("a space before the colon", "X : y\r\n"), .post("a tab before the colon", "X\t: y\r\n"),
    .post("no colon", "X\r\n"), .post("an empty name", ": y\r\n"), .post("a name that is no token", "X(y): z\r\n"),
    .post("a tab before a value", "X:\ty\r\n"), .post("a tab in a value", "X: y\tz\r\n"),
    .post("a tab after the authorization", "Authorization: t\t\r\n"),
    .post("NUL in a value", "X: y\0\r\n"), .post("DEL in a value", "X: \u{7F}\r\n"),
    .post("a value that is not ASCII", "X: \u{E9}\r\n"), .post("a name that is not ASCII", "X\u{E9}: y\r\n"),
  ]

  static let fields: [HeadShape] = [
    HeadShape("no Host", "POST / HTTP/1.1\r\nX: y\r\n\r\n"), HeadShape("no field", "POST / HTTP/1.1\r\n\r\n"),
    .post("two Hosts", "Host: h\r\n"), .post("two Hosts in two cases", "hOST: h\r\n"),
    HeadShape("a Host with a port", "POST / HTTP/1.1\r\nHost: a_b-c.~:65535\r\n\r\n", isTaken: true),
    HeadShape("a Host with an empty port", "POST / HTTP/1.1\r\nHost: a:\r\n\r\n"),
    HeadShape("a Host with a long port", "POST / HTTP/1.1\r\nHost: a:123456\r\n\r\n"),
    HeadShape("a Host in brackets", "POST / HTTP/1.1\r\nHost: [::1]\r\n\r\n"),
    HeadShape("an empty Host", "POST / HTTP/1.1\r\nHost:\r\n\r\n"),
    HeadShape("a Host that is only a port", "POST / HTTP/1.1\r\nHost: :80\r\n\r\n"),
    HeadShape("two ports", "POST / HTTP/1.1\r\nHost: a:8:0\r\n\r\n"),
    HeadShape("a Host with a space", "POST / HTTP/1.1\r\nHost: a b\r\n\r\n"),
    HeadShape("a Host with user information", "POST / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
    .post("two authorizations", "Authorization: t\r\nAuthorization: t\r\n"),
    .post("an empty authorization", "Authorization:\r\n"), .post("a blank authorization", "Authorization:   \r\n"),
    .post("an empty and a full authorization", "Authorization: \r\nauthorization: t\r\n"),
    .post("a workload token", "X-Workload-Token: t\r\n"),
    .post("a workload token in capitals", "X-WORKLOAD-TOKEN:\r\n"),
    .post("Expect", "Expect: 100-continue\r\nContent-Length: 2\r\n", "{}"), .post("another Expect", "expect: x\r\n"),
    .post("Connection: close", "Connection: close\r\n"), .post("Connection in a list", "Connection: keep-alive, x\r\n"),
    .post("keep-alive and close", "Connection: keep-alive\r\nConnection: close\r\n"),
    .post("an empty Connection", "Connection:\r\n"),
  ]

  static let targets: [HeadShape] =
    [
      "GET / HTTP/1.1", "post / HTTP/1.1", "POSTS / HTTP/1.1", "POST  / HTTP/1.1", "POST\t/ HTTP/1.1",
      "POST /  HTTP/1.1", "POST / HTTP/1.1 ", "POST / HTTP/1.0", "POST / HTTP/1.2", "POST / HTTP/2.0",
      "POST / http/1.1", "POST /", "POST / ", "POST * HTTP/1.1", "POST a HTTP/1.1", "POST http://h/a HTTP/1.1",
      "POST /a?b HTTP/1.1", "POST /? HTTP/1.1", "POST /a#b HTTP/1.1", "POST /a b HTTP/1.1", "POST /\u{E9} HTTP/1.1",
      "POST /\u{7F} HTTP/1.1", "POST /\0 HTTP/1.1", "POST /\r HTTP/1.1", "CONNECT h:1 HTTP/1.1",
    ].map { HeadShape($0.debugDescription, "\($0)\r\nHost: h\r\n\r\n") }
    + [
      "POST / HTTP/1.1", "POST // HTTP/1.1", "POST /a/../b/. HTTP/1.1", "POST /%2F%zz% HTTP/1.1",
      "POST /|\"{}<>^`\\~! HTTP/1.1",
    ].map { HeadShape($0, "\($0)\r\nHost: h\r\n\r\n", isTaken: true) }
}
