import CFederationProto
import FederationAPI
import Testing

@testable import FederationProto

/// What messages say of the age of values.
@Suite struct FreshnessMessagesTests {
  @Test("a request to ask the backend comes as it was sent, and takes the way on which everything is looked at")
  func requests() throws {
    let request = GetSecretRequest(store: "s", name: "k", asksBackend: true)
    let bytes = try request.protobuf()
    let read = try GetSecretRequest(protobuf: bytes.span.bytes)
    #expect(read == request)
    #expect(!isReadInPlace(bytes))
    #expect(isReadInPlace(try GetSecretRequest(store: "s", name: "k").protobuf()))
    let batch = BatchGetSecretsRequest(secrets: [SecretReference(store: "s", key: "k")], asksBackend: true)
    let encoded = try batch.protobuf()
    let decoded = try BatchGetSecretsRequest(protobuf: encoded.span.bytes)
    #expect(decoded == batch)
  }

  @Test("an answer tells how many seconds past its time a value is, and nothing of one that is not")
  func answers() throws {
    let value = SecretBytes("v")
    let stale = GetSecretResponse.protobuf(value: value, staleSeconds: 300)
    #expect(stale == GetSecretResponse.protobuf(value: value) + [0x10, 0xAC, 0x02])
    #expect(try GetSecretResponse.value(protobuf: stale.span.bytes) == value)
    let results: [Result<SecretBytes, RPCError>] = [.success(value)]
    let batch = BatchGetSecretsResponse.protobuf(results: results, staleSeconds: 7)
    #expect(batch == BatchGetSecretsResponse.protobuf(results: results) + [0x10, 0x07])
    #expect(try BatchGetSecretsResponse.results(protobuf: batch.span.bytes) == results)
  }

  @Test("what a handler notes of one call's values is in that call's answer")
  func dispatch() async throws {
    let dispatcher = FederationDispatcher(service: StaleService())
    for asksBackend in [false, true] {
      let request = try GetSecretRequest(store: "s", name: "k", asksBackend: asksBackend).protobuf()
      let reply = dispatcher.call(
        service: FederationMethod.service, method: "GetSecret", payload: request.span.bytes,
        context: CallContext(peer: "test"))
      let answer = try await reply.result().get()
      let expected = GetSecretResponse.protobuf(value: SecretBytes("v"), staleSeconds: asksBackend ? nil : 3)
      #expect(answer == expected)
    }
  }

  private func isReadInPlace(_ bytes: [UInt8]) -> Bool { GetSecretFields(bytes.span.bytes) != nil }

  /// Gives an old value unless it is asked for a new one.
  private final class StaleService: FederationService {
    func verify(_ call: CallContext, caCertificates: [UInt8]) -> Reply<VerifiedIdentity> {
      .ready(.failure(.unauthenticated))
    }

    func authenticate(_ request: AuthenticateRequest, _ call: CallContext) -> Reply<VerifiedIdentity> {
      .ready(.failure(.unauthenticated))
    }

    func getSecret(_ request: GetSecretRequest, _ call: CallContext) -> Reply<SecretBytes> {
      if call.freshness?.asksBackend == false { call.freshness?.noteStale(seconds: 2.5) }
      return .ready(.success(SecretBytes("v")))
    }
  }
}
