import FederationAPI
import FederationProto
import Testing

@testable import TTRPC

@Suite struct ResponseEnvelopeTests {
  private func result(_ bytes: [UInt8]) throws(EnvelopeError) -> Result<[UInt8], RPCError> {
    try ResponseEnvelope(bytes.span.bytes).result(in: bytes.span.bytes)
  }

  /// A successful response as the server writes it.
  private func frame(_ payload: [UInt8], streamID: UInt32 = 9) -> [UInt8] {
    var bytes: [UInt8] = []
    ResponseFrame.withHead(payloadCount: payload.count, streamID: streamID) { head in
      bytes += head.withUnsafeBytes { Array($0) }
    }
    return bytes + payload
  }

  @Test("a payload of any size survives the wire", arguments: [0, 1, 127, 128, 16_383, 16_384, 4_000_000])
  func payload(count: Int) throws {
    let payload = [UInt8](repeating: 0xA5, count: count)
    let bytes = frame(payload)
    #expect(bytes == Wire.response(9, payload: payload))
    #expect(bytes.count == 10 + ResponseFrame.length(payloadCount: count))
    #expect(try result(Array(bytes[10...])) == .success(payload))
  }

  @Test("an error survives the wire", arguments: StatusCode.allCases.filter { $0 != .ok })
  func error(code: StatusCode) throws {
    let error = RPCError(code, "a reason with ü")
    let bytes = ResponseFrame.error(error, streamID: 3)
    #expect(
      bytes == Wire.frame(3, kind: 2, Wire.field(1, [8, UInt8(code.rawValue)] + Wire.field(2, "a reason with ü"))))
    #expect(try result(Array(bytes[10...])) == .failure(error))
  }

  @Test("OK may come with a status, without one, and without anything")
  func okay() throws {
    #expect(try result(Wire.field(1, [8, 0]) + Wire.field(2, [1])) == .success([1]))
    #expect(try result([]) == .success([]))
  }

  @Test("codes that nobody knows are UNKNOWN, and details are skipped")
  func unknownCode() throws {
    let status = [8, 99] + Wire.field(2, "odd") + Wire.field(3, Wire.field(1, "type.googleapis.com/x"))
    #expect(try result(Wire.field(1, status)) == .failure(RPCError(.unknown, "odd")))
    let negative = [8] + Wire.varint(UInt64(bitPattern: -1))
    #expect(try result(Wire.field(1, negative)) == .failure(RPCError(.unknown, "")))
  }

  @Test("every cut of an error is a failure or a shorter message, never a crash")
  func truncation() {
    let whole = Array(ResponseFrame.error(RPCError(.notFound, "gone"), streamID: 1)[10...])
    for count in 1..<whole.count {
      #expect(throws: EnvelopeError.self) { try result(Array(whole[..<count])) }
    }
  }

  @Test("20,000 mutations never crash")
  func mutation() {
    var random = SeededGenerator(seed: 8)
    let whole = Array(ResponseFrame.error(RPCError(.notFound, "gone"), streamID: 1)[10...]) + Wire.field(2, [1, 2])
    var failures = 0
    for _ in 0..<20_000 {
      var bytes = whole
      bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      if (try? result(bytes)) == nil { failures += 1 }
    }
    #expect(failures > 0 && failures < 20_000)
  }
}
