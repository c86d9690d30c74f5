import FederationAPI
import FederationProto
import Testing

/// Answers from its own request, at once or later.
private final class EchoService: FederationService {
  private let later: Bool

  init(later: Bool) { self.later = later }

  func verify(_ call: CallContext, caCertificates: [UInt8]) -> Reply<VerifiedIdentity> {
    .ready(.failure(.unauthenticated))
  }

  func getSecret(_ request: GetSecretRequest, _ call: CallContext) -> Reply<SecretBytes> {
    let answer: Result<SecretBytes, RPCError> =
      request.name == "missing"
      ? .failure(RPCError(.notFound, "no such key"))
      : .success(SecretBytes("\(request.store)/\(request.name) for \(call.authorization ?? "nobody")"))
    return later ? .pending { answer } : .ready(answer)
  }

  func authenticate(_ request: AuthenticateRequest, _ call: CallContext) -> Reply<VerifiedIdentity> {
    .ready(
      .success(
        VerifiedIdentity(
          method: .oidc, provider: "p", subject: "s", kubernetes: nil, federations: [], expiresAtSeconds: 9)))
  }
}

@Suite struct FederationDispatcherTests {
  private func call(
    _ method: String, _ payload: [UInt8] = [], service: String = FederationMethod.service, later: Bool = false
  ) async -> Result<[UInt8], RPCError> {
    let dispatcher = FederationDispatcher(service: EchoService(later: later))
    let context = CallContext(authorization: "Bearer t", peer: "test")
    switch dispatcher.call(service: service, method: method, payload: payload.span.bytes, context: context) {
    case .ready(let result): return result
    case .pending(let work): return await work()
    }
  }

  @Test("a call reaches its handler with its request and context, now or later", arguments: [false, true])
  func getSecret(later: Bool) async throws {
    let request = try GetSecretRequest(store: "vault", name: "db").protobuf()
    let answer = try await call("GetSecret", request, later: later).get()
    #expect(try GetSecretResponse.value(protobuf: answer.span.bytes).text == "vault/db for Bearer t")
  }

  @Test("a handler's error comes back as it is", arguments: [false, true])
  func handlerError(later: Bool) async throws {
    let request = try GetSecretRequest(store: "vault", name: "missing").protobuf()
    #expect(await call("GetSecret", request, later: later) == .failure(RPCError(.notFound, "no such key")))
  }

  @Test("Authenticate answers with the identity")
  func authenticate() async throws {
    let answer = try await call("Authenticate").get()
    #expect(try AuthenticateResponse(protobuf: answer.span.bytes).subject == "s")
  }

  @Test("a service without batches says so")
  func batch() async {
    #expect(
      await call("BatchGetSecrets") == .failure(RPCError(.unimplemented, "this service answers no batches")))
    #expect(
      await call("ResolveExternalSecret")
        == .failure(RPCError(.unimplemented, "this service resolves no ExternalSecrets")))
  }

  @Test("unknown names are UNIMPLEMENTED with the texts of Go's ttrpc")
  func unknownNames() async {
    #expect(
      await call("GetSecret", service: "federation.v1.X")
        == .failure(RPCError(.unimplemented, "service federation.v1.X")))
    #expect(await call("Nope") == .failure(RPCError(.unimplemented, "method Nope")))
    #expect(await call("getsecret") == .failure(RPCError(.unimplemented, "method getsecret")))
  }

  @Test("a name of a megabyte is not echoed whole")
  func hugeName() async throws {
    let outcome = await call("m", service: String(repeating: "x", count: 1 << 20))
    guard case .failure(let error) = outcome else { throw RPCError(.unknown, "answered") }
    #expect(error.message.utf8.count < 300)
  }

  @Test("a name of nothing but combining marks is refused at once, and not echoed whole")
  func marks() async throws {
    let name = String(repeating: "\u{301}\u{316}", count: 1 << 17)
    let start = ContinuousClock.now
    for outcome in [await call("GetSecret", service: name), await call(name)] {
      guard case .failure(let error) = outcome else { throw RPCError(.unknown, "answered") }
      #expect(error.message.utf8.count < 300)
    }
    // Compared as texts, they would take a minute.
    #expect(ContinuousClock.now - start < .seconds(5))
  }

  @Test("a streaming call that is made as a unary one is told so", arguments: ["WatchSecrets"])
  func notServed(method: String) async {
    #expect(
      await call(method)
        == .failure(RPCError(.unimplemented, "method \(method) is a streaming call: open a stream for it")))
  }

  @Test("a payload that is not the request is the caller's error")
  func malformed() async throws {
    guard case .failure(let error) = await call("GetSecret", [0x0A, 0x05]) else {
      throw RPCError(.unknown, "answered")
    }
    #expect(error.code == .invalidArgument)
    #expect(error.message == "GetSecretRequest: a field goes past the message's end")
  }
}
