import FederationAPI
import FederationProto
import Testing

@testable import LoadGenerator

@Suite struct GRPCWireTests {
  private static let tokens = TokenList(lines: Array("aaa.bbb.ccc\nddd.eee.fff\n".utf8))

  private func requests() -> GRPCRequests {
    GRPCRequests(
      store: "bench", keysPerStore: 100, host: "127.0.0.1:1", tokens: Self.tokens,
      freshTokens: TokenList(lines: Array("new".utf8)))
  }

  @Test("a call has the path of its method and the token in its field")
  func fields() {
    func value(_ name: String, _ call: Call) -> String? { requests().fields(call).first { $0.name == name }?.value }
    #expect(value(":path", Call(credential: .token(1))) == "/federation.v1.FederationService/GetSecret")
    #expect(value("authorization", Call(credential: .token(1))) == "Bearer ddd.eee.fff")
    #expect(value("authorization", Call(credential: .fresh(0))) == "Bearer new")
    #expect(value("authorization", Call()) == nil)
    let authenticate = Call(kind: .authenticate, credential: .token(0))
    #expect(value(":path", authenticate) == "/federation.v1.FederationService/Authenticate")
  }

  @Test("the schema's reader reads the message behind its prefix, whatever the key's length")
  func bodies() throws {
    var requests = requests()
    for key in [0, 9, 10, 99, 205, 7] {
      let body = requests.body(Call(key: key))
      #expect(body.prefix(5) == [0, 0, 0, 0, UInt8(body.count - 5)])
      let message = Array(body.dropFirst(5))
      let request = try GetSecretRequest(protobuf: message.span.bytes)
      #expect(request.store == (key >= 100 ? "bench-\(key / 100)" : "bench") && request.name == "key-\(key)")
    }
  }

  private func fault(_ body: [UInt8], status: String?, words: String = "") -> ReplyFault? {
    var reply = GRPCReply()
    if let status { reply.add(field: "grpc-status".utf8.span.bytes, status.utf8.span.bytes) }
    reply.add(field: "grpc-message".utf8.span.bytes, words.utf8.span.bytes)
    for byte in body { reply.add(body: [byte].span.bytes) }
    return reply.fault(as: ReplyMessage(rule: ValueRule(size: 12), identities: []), for: Call(key: 3))
  }

  private func body(_ value: [UInt8]) -> [UInt8] {
    let message = GetSecretResponse.protobuf(value: SecretBytes(value))
    return [0, 0, 0, 0, UInt8(message.count)] + message
  }

  @Test("another key's value, a status, no status, no message, two and a compressed one are faults")
  func faults() {
    let right = body(ValueRule(size: 12).value(of: 3))
    #expect(fault(right, status: "0") == nil)
    #expect(fault(body(ValueRule(size: 12).value(of: 4)), status: "0") == .wrongContent)
    #expect(fault([], status: "5", words: "no such") == .refused(code: 5, message: "no such"))
    #expect(fault(right, status: nil) == .malformed)
    #expect(fault(right, status: "x") == .malformed)
    #expect(fault([], status: "0") == .malformed)
    #expect(fault(right + right, status: "0") == .malformed)
    #expect(fault(right.dropLast(), status: "0") == .malformed)
    #expect(fault([1] + right.dropFirst(), status: "0") == .malformed)
  }

  @Test("an answer is read in any parts, and what is no HTTP/2 breaks the connection")
  func broken() {
    let wire = GRPCWire(
      shared: .init(
        requests: requests(), message: ReplyMessage(rule: ValueRule(size: 12), identities: [])))
    let sent = SentBytes()
    wire.send(Call(key: 1, credential: .token(0)), to: sent)
    #expect(sent.bytes.isEmpty)
    wire.flush(to: sent)
    #expect(sent.bytes.starts(with: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8))
    var offset = 0
    let settings: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0]
    guard case .incomplete = wire.nextReply(in: settings.span.bytes, at: &offset) else {
      Issue.record("SETTINGS were taken for an answer")
      return
    }
    #expect(offset == settings.count)
    let text = Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)
    offset = 0
    _ = wire.nextReply(in: text.span.bytes, at: &offset)
    wire.flush(to: sent)
    guard case .broken = wire.nextReply(in: text.span.bytes, at: &offset) else {
      Issue.record("HTTP/1.1 was taken for HTTP/2")
      return
    }
  }
}
