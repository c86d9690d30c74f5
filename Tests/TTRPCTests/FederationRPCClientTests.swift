import FederationAPI
import FederationProto
import TTRPC
import Testing

/// Knows one token and one secret.
private final class OneSecretService: FederationService {
  private let identity = VerifiedIdentity(
    method: .oidc, provider: "https://issuer", subject: "system:serviceaccount:ns:sa", kubernetes: nil,
    federations: [], expiresAtSeconds: 2_000_000_000)

  func verify(_ call: CallContext, caCertificates: [UInt8]) -> Reply<VerifiedIdentity> {
    if call.authorization == "Bearer good" { return .ready(.success(identity)) }
    if call.authorization == nil, let bound = call.binding?.identity { return .ready(.success(bound)) }
    return .ready(.failure(.unauthenticated))
  }

  func getSecret(_ request: GetSecretRequest, _ call: CallContext) -> Reply<SecretBytes> {
    guard case .ready(let proof) = verify(call, caCertificates: request.caCertificates) else {
      return .ready(.failure(.unauthenticated))
    }
    return .pending {
      proof.flatMap { _ in
        request.name == "key"
          ? .success(SecretBytes([0, 255, 7])) : .failure(RPCError(.notFound, "no secret \"\(request.name)\""))
      }
    }
  }

  func authenticate(_ request: AuthenticateRequest, _ call: CallContext) -> Reply<VerifiedIdentity> {
    let reply = verify(call, caCertificates: request.caCertificates)
    if case .ready(.success(let identity)) = reply { call.binding?.bind(identity) }
    return reply
  }
}

@Suite(.timeLimit(.minutes(1))) struct FederationRPCClientTests {
  private func server() throws -> TestServer {
    try TestServer(dispatcher: FederationDispatcher(service: OneSecretService()))
  }

  private let request = GetSecretRequest(store: "vault", name: "key", caCertificates: [1, 2, 3])

  @Test("a secret comes back byte for byte, and errors as the service gave them")
  func getSecret() async throws {
    let server = try server()
    let client = FederationRPCClient(client: try await server.client())
    let credentials = FederationRPCClient.Credentials(token: "good")
    #expect(try await client.getSecret(request, credentials: credentials) == SecretBytes([0, 255, 7]))
    await #expect(throws: RPCError.unauthenticated) { _ = try await client.getSecret(request) }
    await #expect(throws: RPCError(.notFound, "no secret \"other\"")) {
      _ = try await client.getSecret(GetSecretRequest(store: "vault", name: "other"), credentials: credentials)
    }
    await server.stop()
  }

  @Test("after Authenticate calls need no token, on that connection and on no other")
  func authenticate() async throws {
    let server = try server()
    let client = FederationRPCClient(client: try await server.client())
    await #expect(throws: RPCError.unauthenticated) {
      _ = try await client.authenticate(AuthenticateRequest(), credentials: .init(token: "bad"))
    }
    let answer = try await client.authenticate(AuthenticateRequest(), credentials: .init(token: "good"))
    #expect(answer.subject == "system:serviceaccount:ns:sa")
    #expect(answer.expiresAtSeconds == 2_000_000_000)
    #expect(try await client.getSecret(request) == SecretBytes([0, 255, 7]))
    let stranger = FederationRPCClient(client: try await server.client())
    await #expect(throws: RPCError.unauthenticated) { _ = try await stranger.getSecret(request) }
    await server.stop()
  }

  @Test("a name that no C string can hold is refused before it is sent")
  func embeddedNUL() async throws {
    let server = try server()
    let client = FederationRPCClient(client: try await server.client())
    await #expect(throws: RPCError(.invalidArgument, "name must not hold a NUL character")) {
      _ = try await client.getSecret(GetSecretRequest(store: "vault", name: "key\0x"))
    }
    await server.stop()
  }
}
