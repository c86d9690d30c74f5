import FederationAPI
import FederationProto
import Testing

@Suite struct ResolveExternalSecretMessagesTests {
  @Test(
    "a request survives the wire",
    arguments: [
      ResolveExternalSecretRequest(store: ""),
      ResolveExternalSecretRequest(
        store: "vault", data: Array("[1]".utf8), dataFrom: Array("[]".utf8), caCertificates: [1, 2]),
      ResolveExternalSecretRequest(store: "s", dataFrom: [UInt8](repeating: 32, count: 100_000)),
    ])
  func roundTrip(original: ResolveExternalSecretRequest) throws {
    let bytes = try original.protobuf()
    #expect(try ResolveExternalSecretRequest(protobuf: bytes.span.bytes) == original)
  }

  @Test("the encodings are those that the schema gives")
  func knownBytes() throws {
    let request = ResolveExternalSecretRequest(store: "s", data: [1], dataFrom: [2, 3], caCertificates: [4])
    #expect(try request.protobuf() == field(1, "s") + field(2, [1]) + field(3, [2, 3]) + field(4, [4]))
    let response = ResolveExternalSecretResponse.protobuf(data: ["b": SecretBytes(""), "a": SecretBytes("v")])
    #expect(response == field(1, field(1, "a") + field(2, "v")) + field(1, field(1, "b") + field(2, "")))
    #expect(throws: RPCError(.invalidArgument, "store must not hold a NUL character")) {
      try ResolveExternalSecretRequest(store: "\0").protobuf()
    }
  }

  @Test("values survive the wire, thousands of small ones included")
  func values() throws {
    let many = Dictionary(uniqueKeysWithValues: (0..<9_000).map { ("k\($0)", SecretBytes("\($0)")) })
    for original in [[:], ["a": SecretBytes([0, 0xFF])], many] {
      let bytes = ResolveExternalSecretResponse.protobuf(data: original)
      #expect(try ResolveExternalSecretResponse.data(protobuf: bytes.span.bytes) == original)
    }
  }

  @Test("20,000 mutations of a request decode or fail with a client's error")
  func mutation() throws {
    var random = SeededGenerator(seed: 21)
    let whole = try ResolveExternalSecretRequest(
      store: "store", data: Array("[]".utf8), dataFrom: [2, 3], caCertificates: [4]
    ).protobuf()
    for _ in 0..<20_000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      do throws(RPCError) {
        _ = try ResolveExternalSecretRequest(protobuf: bytes.span.bytes)
      } catch {
        #expect([.invalidArgument, .resourceExhausted].contains(error.code))
      }
    }
  }
}
