import FederationAPI
import FederationProto
import Testing

@testable import LoadGenerator
@testable import TTRPC

/// What a wire sends, for tests.
final class SentBytes: RequestOutput {
  var bytes: [UInt8] = []
  func write(_ bytes: [UInt8]) { self.bytes += bytes }
}

@Suite struct TTRPCWireTests {
  private static let tokens = TokenList(lines: Array("aaa.bbb.ccc\nddd.eee.fff\n".utf8))
  private static let fresh = TokenList(lines: Array("new.tok.one\nnew.token.two".utf8))

  private func wire(
    _ rule: ValueRule = ValueRule(size: 12), capacity: Int = 4, keysPerStore: Int? = nil, identities: [[UInt8]] = []
  ) -> TTRPCWire {
    TTRPCWire(
      shared: .init(
        requests: TTRPCRequests(
          store: "bench", keysPerStore: keysPerStore, tokens: Self.tokens, freshTokens: Self.fresh),
        reply: TTRPCReply(message: ReplyMessage(rule: rule, identities: identities))), capacity: capacity)
  }

  private struct Sent: Equatable {
    var stream: UInt32
    var method: String
    var store = ""
    var name = ""
    var authorization: String?
  }

  /// The requests in `bytes`, as the server's own parsers read them.
  private func requests(_ bytes: [UInt8]) throws -> [Sent] {
    var reader = FrameReader(maximumLength: 4_194_304)
    var offset = 0
    var sent: [Sent] = []
    while case .frame(let header, let range) = reader.next(in: bytes.span.bytes, at: &offset) {
      #expect(header.kind == 1 && header.flags == 0)
      let data = Array(bytes[range])
      let envelope = try RequestEnvelope(data.span.bytes)
      #expect(String(decoding: data[envelope.service], as: UTF8.self) == "federation.v1.FederationService")
      var one = Sent(stream: header.streamID, method: String(decoding: data[envelope.method], as: UTF8.self))
      one.authorization = envelope.authorization.map { String(decoding: data[$0], as: UTF8.self) }
      if one.method == "GetSecret" {
        let request = try GetSecretRequest(protobuf: data.span.bytes.extracting(envelope.payload))
        one.store = request.store
        one.name = request.name
        #expect(request.caCertificates.isEmpty)
      }
      sent.append(one)
    }
    #expect(offset == bytes.count)
    return sent
  }

  /// The answer to the call on `stream`, as the server writes it.
  private func answer(_ stream: UInt32, _ payload: [UInt8]) -> [UInt8] {
    var frame: [UInt8] = []
    ResponseFrame.withHead(payloadCount: payload.count, streamID: stream) { head in
      head.withUnsafeBytes { frame += $0 }
    }
    return frame + payload
  }

  private func answer(_ stream: UInt32, value: [UInt8]) -> [UInt8] {
    answer(stream, GetSecretResponse.protobuf(value: SecretBytes(value)))
  }

  @Test("the server's parsers read what is sent: keys of any length, tokens, stores, and no token")
  func frames() throws {
    let wire = wire(capacity: 16, keysPerStore: 1_000)
    let sent = SentBytes()
    wire.send(Call(key: 0, credential: .token(0)), to: sent)
    wire.send(Call(key: 9, credential: .token(1)), to: sent)
    wire.send(Call(key: 999, credential: .bound), to: sent)
    wire.send(Call(key: 12_345, credential: .fresh(1)), to: sent)
    wire.send(Call(key: 7, credential: .fresh(0)), to: sent)
    wire.send(Call(kind: .authenticate, credential: .token(1)), to: sent)
    #expect(
      try requests(sent.bytes) == [
        Sent(stream: 1, method: "GetSecret", store: "bench", name: "key-0", authorization: "Bearer aaa.bbb.ccc"),
        Sent(stream: 3, method: "GetSecret", store: "bench", name: "key-9", authorization: "Bearer ddd.eee.fff"),
        Sent(stream: 5, method: "GetSecret", store: "bench", name: "key-999"),
        Sent(
          stream: 7, method: "GetSecret", store: "bench-12", name: "key-12345", authorization: "Bearer new.token.two"),
        Sent(stream: 9, method: "GetSecret", store: "bench", name: "key-7", authorization: "Bearer new.tok.one"),
        Sent(stream: 11, method: "Authenticate", authorization: "Bearer ddd.eee.fff"),
      ])
  }

  @Test("answers are read in any order, split at every byte, and large ones too")
  func answers() throws {
    let rule = try ValueRule(text: "12,70000")
    let bytes =
      answer(3, value: rule.value(of: 1)) + answer(5, value: rule.value(of: 0)) + answer(1, value: rule.value(of: 2))
    for split in Array(0..<200) + [40_000, bytes.count - 60, bytes.count - 1, bytes.count] {
      let wire = wire(rule)
      for key in [2, 1, 0] { wire.send(Call(key: key), to: SentBytes()) }
      var keys: [Int] = []
      var offset = 0
      for end in [split, bytes.count] {
        while case .reply(let call, let fault) = wire.nextReply(in: bytes.span.bytes.extracting(0..<end), at: &offset) {
          #expect(fault == nil)
          keys.append(call.key)
        }
      }
      #expect(keys == [1, 0, 2], "split at \(split)")
      #expect(offset == bytes.count)
    }
  }

  private func fault(_ bytes: [UInt8], call: Call = Call(key: 3), identities: [[UInt8]] = []) -> ReplyFault? {
    let wire = wire(identities: identities)
    wire.send(call, to: SentBytes())
    var offset = 0
    guard case .reply(_, let fault) = wire.nextReply(in: bytes.span.bytes, at: &offset) else { return .malformed }
    return fault
  }

  @Test("another key's value, a longer or shorter one, an error, an empty and a damaged answer are faults")
  func faults() {
    let rule = ValueRule(size: 12)
    #expect(fault(answer(1, value: rule.value(of: 3))) == nil)
    #expect(fault(answer(1, value: rule.value(of: 4))) == .wrongContent)
    #expect(fault(answer(1, value: ValueRule(size: 13).value(of: 3))) == .wrongContent)
    #expect(fault(answer(1, value: ValueRule(size: 11).value(of: 3))) == .wrongContent)
    #expect(fault(answer(1, value: [])) == .wrongContent)
    #expect(fault(answer(1, [])) == .wrongContent)
    #expect(
      fault(ResponseFrame.error(RPCError(.notFound, "no such"), streamID: 1)) == .refused(code: 5, message: "no such"))
    #expect(fault([0, 0, 0, 2, 0, 0, 0, 1, 2, 0, 0x12, 0x7F]) == .malformed)
  }

  @Test("an OK status beside the payload, as other servers send it, is no fault")
  func explicitStatus() {
    let value = GetSecretResponse.protobuf(value: SecretBytes(ValueRule(size: 12).value(of: 3)))
    let data = [0x0A, 0x00, 0x12, UInt8(value.count)] + value
    #expect(fault([0, 0, 0, UInt8(data.count), 0, 0, 0, 1, 2, 0] + data) == nil)
  }

  @Test("Authenticate must be answered with the token's own identity")
  func identities() throws {
    let own = try WireFactory.identity(TokenClaims(issuer: "https://i", subject: "s", expiresAt: 99))
    let other = try WireFactory.identity(TokenClaims(issuer: "https://i", subject: "t", expiresAt: 99))
    let read = try AuthenticateResponse(protobuf: own.span.bytes)
    #expect(read.method == "oidc" && read.provider == "https://i" && read.subject == "s" && read.expiresAtSeconds == 99)
    let call = Call(kind: .authenticate, credential: .token(0))
    #expect(fault(answer(1, own), call: call, identities: [own]) == nil)
    #expect(fault(answer(1, other), call: call, identities: [own]) == .wrongContent)
  }

  @Test("an answer to no call, an answer twice and what is no answer break the connection")
  func broken() {
    for bytes in [answer(3, value: [1]), [0, 0, 0, 0, 0, 0, 0, 1, 3, 0], [9, 0, 0, 0, 0, 0, 0, 1, 2, 0]] {
      let wire = wire()
      wire.send(Call(key: 3), to: SentBytes())
      var offset = 0
      guard case .broken = wire.nextReply(in: bytes.span.bytes, at: &offset) else {
        Issue.record("\(bytes.prefix(10)) was taken for an answer")
        continue
      }
    }
    let wire = wire()
    wire.send(Call(key: 3), to: SentBytes())
    let twice = answer(1, value: [1]) + answer(1, value: [1])
    var offset = 0
    _ = wire.nextReply(in: twice.span.bytes, at: &offset)
    guard case .broken = wire.nextReply(in: twice.span.bytes, at: &offset) else {
      Issue.record("the second answer to one call was taken")
      return
    }
  }

  @Test("a slow call keeps its place while thousands overtake it, and stream ids only rise")
  func slowCall() throws {
    let wire = wire(capacity: 2)
    let sent = SentBytes()
    wire.send(Call(key: 1), to: sent)
    var last: UInt32 = 1
    for _ in 0..<2_000 {
      sent.bytes = []
      wire.send(Call(key: 3), to: sent)
      let stream = try #require(try requests(sent.bytes).first).stream
      #expect(stream % 2 == 1 && stream > last)
      last = stream
      let bytes = answer(stream, value: ValueRule(size: 12).value(of: 3))
      var offset = 0
      guard case .reply(let call, nil) = wire.nextReply(in: bytes.span.bytes, at: &offset), call.key == 3 else {
        Issue.record("the answer on \(stream) was not taken")
        return
      }
    }
    let bytes = answer(1, value: ValueRule(size: 12).value(of: 1))
    var offset = 0
    guard case .reply(let call, nil) = wire.nextReply(in: bytes.span.bytes, at: &offset) else {
      Issue.record("the slow call's answer was not taken")
      return
    }
    #expect(call.key == 1)
  }
}
