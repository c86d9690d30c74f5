import Testing

@testable import LoadGenerator

@Suite struct HTTPWireTests {
  private static let tokens = TokenList(lines: Array("aaa.bbb.ccc\nddd.eee.fff\n".utf8))

  private func wire(_ rule: ValueRule = ValueRule(size: 9)) -> HTTPWire {
    HTTPWire(
      shared: .init(
        requests: HTTPRequests(
          store: "bench", keysPerStore: 100, host: "127.0.0.1:1", tokens: Self.tokens,
          freshTokens: TokenList(lines: Array("new".utf8))),
        rule: rule), capacity: 4)
  }

  private func answer(_ body: String, status: String = "200 OK", fields: String = "") -> [UInt8] {
    Array(
      "HTTP/1.1 \(status)\r\nDate: x\r\nContent-Type: application/json\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        .utf8)
  }

  @Test("requests are as documented, with the key and the token in their places")
  func requests() {
    let wire = wire()
    let sent = SentBytes()
    wire.send(Call(key: 5, credential: .token(1)), to: sent)
    wire.send(Call(key: 205, credential: .fresh(0)), to: sent)
    func request(_ path: String, _ token: String) -> String {
      "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1:1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
        + "Authorization: Bearer \(token)\r\n\r\n{}"
    }
    #expect(
      String(decoding: sent.bytes, as: UTF8.self)
        == request("/secretstore/bench/secrets/key-5", "ddd.eee.fff")
        + request("/secretstore/bench-2/secrets/key-205", "new"))
  }

  @Test("pipelined answers are read in order, split at every byte")
  func splits() {
    let bytes = answer("\"key-1.key\"\n") + answer("\"key-2.key\"\n", fields: "X-Request-Id: content-length: 7\r\n")
    for split in 0...bytes.count {
      let wire = wire()
      wire.send(Call(key: 1), to: SentBytes())
      wire.send(Call(key: 2), to: SentBytes())
      var keys: [Int] = []
      var offset = 0
      for end in [split, bytes.count] {
        while case .reply(let call, let fault) = wire.nextReply(in: bytes.span.bytes.extracting(0..<end), at: &offset) {
          #expect(fault == nil)
          keys.append(call.key)
        }
      }
      #expect(keys == [1, 2] && offset == bytes.count, "split at \(split)")
    }
  }

  private func fault(_ bytes: [UInt8]) -> ReplyFault? {
    let wire = wire()
    wire.send(Call(key: 1), to: SentBytes())
    var offset = 0
    guard case .reply(_, let fault) = wire.nextReply(in: bytes.span.bytes, at: &offset) else { return .malformed }
    return fault
  }

  @Test("another value, another form and another status are faults; names of fields have no case")
  func faults() {
    let good = "\"key-1.key\"\n"
    #expect(fault(answer(good)) == nil)
    #expect(fault(Array("HTTP/1.1 200 OK\r\ncontent-LENGTH:12\r\n\r\n\(good)".utf8)) == nil)
    #expect(fault(Array("HTTP/1.1 200\r\nContent-Length: 12\r\n\r\n\(good)".utf8)) == nil)
    for body in ["\"key-2.key\"\n", "\"key-1.ke\"\n", "\"key-1.key\"", "'key-1.key'\n", "", "{}"] {
      #expect(fault(answer(body)) == .wrongContent, "\(body)")
    }
    #expect(fault(answer("\"no\"\n", status: "401 Unauthorized")) == .refused(code: 401, message: "\"no\"\n"))
  }

  @Test(
    "what cannot be cut into responses breaks the connection",
    arguments: [
      "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\n" + String(repeating: "x", count: 17_000),
    ])
  func broken(text: String) {
    let wire = wire()
    wire.send(Call(key: 1), to: SentBytes())
    var offset = 0
    guard case .broken = wire.nextReply(in: text.utf8.span.bytes, at: &offset) else {
      Issue.record("taken for a response")
      return
    }
  }

  @Test("an answer to no call breaks the connection")
  func unasked() {
    var offset = 0
    guard case .broken = wire().nextReply(in: answer("x").span.bytes, at: &offset) else {
      Issue.record("taken for an answer")
      return
    }
  }
}
