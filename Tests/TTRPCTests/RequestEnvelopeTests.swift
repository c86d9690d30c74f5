import FederationProto
import Testing

@testable import TTRPC

@Suite struct RequestEnvelopeTests {
  private func decode(_ bytes: [UInt8]) throws(EnvelopeError) -> RequestEnvelope {
    try RequestEnvelope(bytes.span.bytes)
  }

  private func text(_ bytes: [UInt8], _ range: Range<Int>?) -> String? {
    range.map { String(decoding: bytes[$0], as: UTF8.self) }
  }

  /// A request's data as the client of this package writes it.
  private func encoded(timeout: Int64 = 0, payload: [UInt8] = [9, 8]) -> [UInt8] {
    var frame = RequestFrame(
      service: "s.S", method: "M", payloadCount: payload.count,
      metadata: [("authorization", "Bearer t"), ("x", "y"), ("x-workload-token", "w")])
    frame.set(streamID: 7, timeoutNanoseconds: timeout)
    return frame.head + payload + frame.tail
  }

  @Test("what the client writes is what the server reads", arguments: [0, 1, Int64.max])
  func roundTrip(timeout: Int64) throws {
    let frame = encoded(timeout: timeout)
    #expect(
      FrameHeader(frame.span.bytes, at: 0) == FrameHeader(length: frame.count - 10, streamID: 7, kind: 1, flags: 0))
    let data = Array(frame[10...])
    let request = try decode(data)
    #expect(text(data, request.service) == "s.S")
    #expect(text(data, request.method) == "M")
    #expect(Array(data[request.payload]) == [9, 8])
    #expect(request.timeoutNanoseconds == timeout)
    #expect(text(data, request.authorization) == "Bearer t")
    #expect(text(data, request.workloadToken) == "w")
  }

  @Test("the client's bytes are those of the protocol")
  func knownBytes() {
    var frame = RequestFrame(service: "a", method: "b", payloadCount: 1, metadata: [("k", "v")])
    frame.set(streamID: 1, timeoutNanoseconds: 5)
    let data =
      Wire.field(1, "a") + Wire.field(2, "b") + Wire.field(3, [7])
      + Wire.field(5, Wire.field(1, "k") + Wire.field(2, "v")) + Wire.varint(4 << 3) + Wire.varint(5)
    #expect(frame.head + [7] + frame.tail == Wire.frame(1, kind: 1, data))
  }

  private func entry(_ key: String, _ value: String) -> [UInt8] {
    Wire.field(5, Wire.field(1, key) + Wire.field(2, value))
  }

  @Test("a key is matched whole and in lower case")
  func keys() throws {
    let names = ["Authorization": "no", "authorizatio": "no", "authorization": "yes"]
    let data = names.flatMap { entry($0.key, $0.value) } + entry("a", "b") + entry("a", "c")
    #expect(text(data, try decode(data).authorization) == "yes")
    #expect(try decode(data).workloadToken == nil)
  }

  @Test("who calls is said once", arguments: ["authorization", "x-workload-token"])
  func repeatedKeys(key: String) {
    let error = #expect(throws: EnvelopeError.self) {
      _ = try decode(entry(key, "same") + entry("a", "b") + entry(key, "same"))
    }
    #expect(error?.description == "more than one \(key)")
  }

  @Test("an entry without a value has an empty one")
  func emptyValue() throws {
    let data = Wire.field(5, Wire.field(1, "authorization"))
    #expect(try decode(data).authorization?.isEmpty == true)
  }

  @Test("a negative timeout is kept as it is")
  func negativeTimeout() throws {
    #expect(try decode(Wire.varint(4 << 3) + Wire.varint(UInt64(bitPattern: -1))).timeoutNanoseconds == -1)
  }

  @Test("unknown fields are skipped")
  func unknownFields() throws {
    let data = Wire.field(77, "new") + Wire.varint(9 << 3) + Wire.varint(3) + Wire.field(2, "M")
    #expect(text(data, try decode(data).method) == "M")
  }

  @Test(
    "known fields with another wire type are errors",
    arguments: [
      Wire.varint(1 << 3) + [5], Wire.varint(2 << 3) + [5], Wire.varint(3 << 3) + [5], Wire.field(4, "x"),
      Wire.varint(5 << 3) + [5], Wire.field(5, Wire.varint(1 << 3) + [5]),
    ])
  func wrongWireType(data: [UInt8]) {
    #expect(throws: EnvelopeError.wire(.badWireType)) { try decode(data) }
  }

  @Test("an overlong varint is an error")
  func overlongVarint() {
    #expect(throws: EnvelopeError.wire(.overlongVarint)) {
      try decode(Wire.varint(4 << 3) + [UInt8](repeating: 0x80, count: 10) + [0])
    }
  }

  @Test("strings that are not UTF-8 are named")
  func notUTF8() {
    #expect(throws: EnvelopeError.notUTF8(field: "service")) { try decode(Wire.field(1, [0xFF])) }
    #expect(throws: EnvelopeError.notUTF8(field: "method")) { try decode(Wire.field(2, [0xC3])) }
    #expect(throws: EnvelopeError.notUTF8(field: "metadata")) { try decode(Wire.field(5, Wire.field(2, [0xFF]))) }
  }

  @Test("a metadata entry cannot reach past its own end")
  func nestedLength() {
    #expect(throws: EnvelopeError.wire(.truncated)) {
      try decode(Wire.field(5, [0x0A, 5, 0x61]) + Wire.field(1, "following"))
    }
  }

  @Test("every cut and 20,000 mutations decode or fail, and what decodes stays within the data")
  func mutation() {
    var random = SeededGenerator(seed: 4)
    let whole = Array(encoded(timeout: 99)[10...])
    var inputs = (0..<whole.count).map { Array(whole[..<$0]) }
    for _ in 0..<20_000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      inputs.append(bytes)
    }
    var decodedCount = 0
    for bytes in inputs {
      guard let request = try? decode(bytes) else { continue }
      decodedCount += 1
      for range in [request.service, request.method, request.payload] { #expect(range.upperBound <= bytes.count) }
    }
    #expect(decodedCount > 100 && decodedCount < inputs.count)
  }
}
