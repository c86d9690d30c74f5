import FederationAPI
import FederationProto
import Testing

@Suite struct BatchGetSecretsMessagesTests {
  private func request(_ bytes: [UInt8]) throws(RPCError) -> BatchGetSecretsRequest {
    try BatchGetSecretsRequest(protobuf: bytes.span.bytes)
  }

  private func results(_ bytes: [UInt8]) throws(RPCError) -> [Result<SecretBytes, RPCError>] {
    try BatchGetSecretsResponse.results(protobuf: bytes.span.bytes)
  }

  @Test(
    "a request survives the wire",
    arguments: [
      BatchGetSecretsRequest(secrets: []),
      BatchGetSecretsRequest(secrets: [SecretReference(store: "", key: "")]),
      BatchGetSecretsRequest(
        secrets: [
          SecretReference(store: "vault", key: "db", property: "user.name", version: "3"),
          SecretReference(store: "vault", key: "schlüssel-鍵-🔑"), SecretReference(store: "vault", key: "db"),
        ], caCertificates: Array("-----BEGIN".utf8)),
      BatchGetSecretsRequest(
        secrets: (0..<1_000).map { SecretReference(store: "s", key: String($0 % 7)) },
        caCertificates: [UInt8](repeating: 7, count: Limits.caCertificates)),
      BatchGetSecretsRequest(
        secrets: (0..<1_000).map { SecretReference(store: "s", key: String(repeating: "k", count: $0)) }),
    ])
  func roundTrip(original: BatchGetSecretsRequest) throws {
    #expect(try request(try original.protobuf()) == original)
  }

  @Test("the encoding is the one that the schema gives")
  func knownBytes() throws {
    let bytes = try BatchGetSecretsRequest(
      secrets: [SecretReference(store: "s", key: "key", property: "p"), SecretReference(store: "t", key: "")],
      caCertificates: [1, 2]
    ).protobuf()
    #expect(
      bytes == field(1, field(1, "s") + field(2, "key") + field(3, "p")) + field(1, field(1, "t")) + field(2, [1, 2]))
  }

  @Test("an empty property or version is none")
  func emptyIsNone() throws {
    let bytes = field(1, field(1, "s") + field(2, "k") + field(3, "") + field(4, ""))
    #expect(try request(bytes).secrets == [SecretReference(store: "s", key: "k")])
  }

  @Test("more than 1,000 references are refused, however small they are")
  func tooMany() throws {
    let message = "BatchGetSecretsRequest: secrets has more than 1000 references"
    let thousand = [UInt8]([[UInt8]](repeating: field(1, [UInt8]()), count: 1_000).joined())
    #expect(try request(thousand).secrets.count == 1_000)
    #expect(throws: RPCError(.invalidArgument, message)) { try request(thousand + field(1, [UInt8]())) }
    let million = [UInt8]([[UInt8]](repeating: field(1, [UInt8]()), count: 1_000_000).joined())
    #expect(throws: RPCError(.invalidArgument, message)) { try request(million) }
  }

  @Test("strings are checked inside of references, both ways")
  func strings() {
    #expect(throws: RPCError(.invalidArgument, "BatchGetSecretsRequest: name is not valid UTF-8")) {
      try request(field(1, field(2, [0xFF])))
    }
    #expect(throws: RPCError(.invalidArgument, "BatchGetSecretsRequest: property must not hold a NUL character")) {
      try request(field(1, field(3, "a\0b")))
    }
    #expect(throws: RPCError(.invalidArgument, "version must not hold a NUL character")) {
      try BatchGetSecretsRequest(secrets: [SecretReference(store: "s", key: "k", version: "\0")]).protobuf()
    }
    #expect(throws: RPCError(.resourceExhausted, "request too large: ca_crt is 65537 bytes, at most 65536")) {
      try request(field(2, [UInt8](repeating: 0, count: 65_537)))
    }
  }

  @Test("results survive the wire in order, empty values as values")
  func resultRoundTrip() throws {
    let original: [Result<SecretBytes, RPCError>] = [
      .success(SecretBytes("one")), .failure(.notAuthorized), .success(SecretBytes("")),
      .failure(RPCError(.notFound, "no secret \"é\"")), .success(SecretBytes([0, 0xFF, 0])),
      .failure(RPCError(.unavailable, "")),
    ]
    #expect(try results(BatchGetSecretsResponse.protobuf(results: original)) == original)
    #expect(try results([]).isEmpty)
    let large: [Result<SecretBytes, RPCError>] = [
      .success(SecretBytes([UInt8](repeating: 9, count: 3_000_000))), .success(SecretBytes("x")),
    ]
    #expect(try results(BatchGetSecretsResponse.protobuf(results: large)) == large)
    let thousand = [Result<SecretBytes, RPCError>](repeating: .failure(.notAuthorized), count: 1_000)
    #expect(try results(BatchGetSecretsResponse.protobuf(results: thousand)) == thousand)
  }

  @Test("the results' encoding is the one that the schema gives")
  func knownResultBytes() {
    let bytes = BatchGetSecretsResponse.protobuf(results: [
      .success(SecretBytes("v")), .failure(RPCError(.notFound, "no")), .success(SecretBytes("")),
    ])
    #expect(
      bytes == field(1, field(1, "v")) + field(1, field(2, [0x08, 5] + field(2, "no"))) + field(1, field(1, "")))
  }

  @Test("a result that says nothing, code 0 and a code of the future are UNKNOWN")
  func oddResults() throws {
    let odd = try results(
      field(1, [UInt8]()) + field(1, field(2, [0x08, 0])) + field(1, field(2, [0x08, 99] + field(2, "new"))))
    #expect(odd.count == 3)
    for result in odd {
      guard case .failure(let error) = result else { throw RPCError(.unknown, "a value") }
      #expect(error.code == .unknown)
    }
  }

  @Test("20,000 mutations of a request decode or fail with a client's error, and what decodes encodes again")
  func mutation() throws {
    var random = SeededGenerator(seed: 12)
    let whole = try BatchGetSecretsRequest(
      secrets: [
        SecretReference(store: "store", key: "name", property: "p", version: "1"),
        SecretReference(store: "store", key: "other"),
      ], caCertificates: [1, 2, 3]
    ).protobuf()
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
      _ = try? results(bytes)
    }
  }
}
