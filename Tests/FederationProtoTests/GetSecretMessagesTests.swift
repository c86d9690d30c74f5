import FederationAPI
import FederationProto
import Testing

@Suite struct GetSecretMessagesTests {
  private func request(_ bytes: [UInt8]) throws(RPCError) -> GetSecretRequest {
    try GetSecretRequest(protobuf: bytes.span.bytes)
  }

  @Test(
    "a request survives the wire",
    arguments: [
      GetSecretRequest(store: "vault", name: "db/password"),
      GetSecretRequest(store: "", name: ""),
      GetSecretRequest(store: "s", name: "schlüssel-鍵-🔑", caCertificates: Array("-----BEGIN".utf8)),
      GetSecretRequest(store: "s", name: String(repeating: "n", count: 3_000)),
    ])
  func roundTrip(original: GetSecretRequest) throws {
    #expect(try request(try original.protobuf()) == original)
  }

  @Test("a request with the largest bundle survives the wire")
  func largestBundle() throws {
    let bundle = [UInt8](repeating: 7, count: Limits.caCertificates)
    let original = GetSecretRequest(store: "s", name: "k", caCertificates: bundle)
    #expect(try request(try original.protobuf()) == original)
  }

  @Test("the encoding is the one that the schema gives")
  func knownBytes() throws {
    let bytes = try GetSecretRequest(store: "s", name: "key", caCertificates: [1, 2]).protobuf()
    #expect(bytes == field(1, "s") + field(2, "key") + field(3, [1, 2]))
  }

  @Test("a string that is not UTF-8 is refused by its name")
  func invalidUTF8() {
    #expect(throws: RPCError(.invalidArgument, "GetSecretRequest: store is not valid UTF-8")) {
      try request(field(1, [0xFF]) + field(2, "k"))
    }
    #expect(throws: RPCError(.invalidArgument, "GetSecretRequest: name is not valid UTF-8")) {
      try request(field(1, "s") + field(2, [0xC0, 0x80]))
    }
  }

  @Test("a NUL, at which a C string would end, is refused both ways")
  func embeddedNUL() {
    #expect(throws: RPCError(.invalidArgument, "GetSecretRequest: name must not hold a NUL character")) {
      try request(field(1, "s") + field(2, "allowed\0denied"))
    }
    #expect(throws: RPCError(.invalidArgument, "store must not hold a NUL character")) {
      try GetSecretRequest(store: "a\0b", name: "k").protobuf()
    }
  }

  @Test("a bundle over 64 KiB is refused with its size")
  func hugeBundle() throws {
    let bytes = field(1, "s") + field(2, "k") + field(3, [UInt8](repeating: 0, count: 65_537))
    #expect(throws: RPCError(.resourceExhausted, "request too large: ca_crt is 65537 bytes, at most 65536")) {
      try request(bytes)
    }
  }

  @Test("unknown fields are skipped and the last of a repeated field counts")
  func tolerant() throws {
    let bytes = field(9, "new") + field(1, "old") + varint(8 << 3) + varint(77) + field(2, "k") + field(1, "s")
    #expect(try request(bytes) == GetSecretRequest(store: "s", name: "k"))
  }

  @Test("a known field with a wrong wire type is refused")
  func wrongWireType() {
    #expect(throws: RPCError(.invalidArgument, "GetSecretRequest: a field has a wrong wire type")) {
      try request(varint(1 << 3) + varint(5))
    }
  }

  @Test("a message of a million tiny fields cannot take memory out of proportion")
  func tinyFields() {
    var bytes: [UInt8] = []
    for _ in 0..<1_000_000 { bytes += [0x7A, 0x00] }
    #expect(throws: RPCError(.resourceExhausted, "GetSecretRequest has too many fields for its size")) {
      try request(bytes)
    }
  }

  @Test("more than the stack holds is decoded on the heap")
  func outgrowsTheStack() throws {
    var bytes = field(1, "s") + field(2, "k")
    for _ in 0..<30 { bytes += field(15, "unknown") }
    #expect(bytes.count < 512)
    #expect(try request(bytes) == GetSecretRequest(store: "s", name: "k"))
  }

  @Test("every cut of a message is an error or a shorter message, never a crash")
  func truncation() throws {
    let whole = try GetSecretRequest(store: "store", name: "name", caCertificates: [1, 2, 3]).protobuf()
    for length in 0..<whole.count {
      let outcome = Result { () throws(RPCError) in try request(Array(whole[..<length])) }
      // A cut between two fields is a whole message; every other one is not.
      let boundaries = [0, 7, 13]
      if case .failure(let error) = outcome {
        #expect(error.code == .invalidArgument)
        #expect(!boundaries.contains(length))
      } else {
        #expect(boundaries.contains(length))
      }
    }
  }

  @Test("20,000 mutations decode or fail with a client's error, and what decodes encodes again")
  func mutation() throws {
    var random = SeededGenerator(seed: 2)
    let whole = try GetSecretRequest(store: "store", name: "name", caCertificates: [1, 2, 3]).protobuf()
    for _ in 0..<20_000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      do throws(RPCError) {
        let value = try request(bytes)
        #expect(try request(try value.protobuf()) == value)
      } catch {
        #expect([.invalidArgument, .resourceExhausted].contains(error.code))
      }
    }
  }

  @Test("a value of any bytes and of any size survives the wire", arguments: [0, 1, 4, 127, 128, 70_000])
  func value(size: Int) throws {
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 255) }
    let encoded = GetSecretResponse.protobuf(value: SecretBytes(bytes))
    #expect(try GetSecretResponse.value(protobuf: encoded.span.bytes) == SecretBytes(bytes))
  }
}
