import FederationAPI
import FederationProto
import Testing

@Suite struct AuthenticateMessagesTests {
  private func identity(subject: String) -> VerifiedIdentity {
    VerifiedIdentity(
      method: .oidc, provider: "https://issuer", subject: subject, kubernetes: nil, federations: [],
      expiresAtSeconds: 1_900_000_000)
  }

  @Test("a request survives the wire", arguments: [[], Array("-----BEGIN".utf8)])
  func request(certificates: [UInt8]) throws {
    let original = AuthenticateRequest(caCertificates: certificates)
    let bytes = original.protobuf()
    #expect(try AuthenticateRequest(protobuf: bytes.span.bytes) == original)
  }

  @Test("a bundle over 64 KiB is refused")
  func hugeBundle() {
    let bytes = AuthenticateRequest(caCertificates: [UInt8](repeating: 1, count: 65_537)).protobuf()
    #expect(throws: RPCError(.resourceExhausted, "request too large: ca_crt is 65537 bytes, at most 65536")) {
      try AuthenticateRequest(protobuf: bytes.span.bytes)
    }
  }

  @Test("a response tells the caller who it is and until when")
  func response() throws {
    let response = AuthenticateResponse(identity(subject: "system:serviceaccount:ns:sa"))
    let bytes = try response.protobuf()
    let decoded = try AuthenticateResponse(protobuf: bytes.span.bytes)
    #expect(decoded == response)
    #expect(decoded.method == "oidc")
    #expect(decoded.provider == "https://issuer")
    #expect(decoded.subject == "system:serviceaccount:ns:sa")
    #expect(decoded.expiresAtSeconds == 1_900_000_000)
  }

  @Test("a subject with a NUL is not cut short but refused")
  func subjectWithNUL() {
    #expect(throws: RPCError(.invalidArgument, "subject must not hold a NUL character")) {
      try AuthenticateResponse(identity(subject: "admin\0x")).protobuf()
    }
  }
}
