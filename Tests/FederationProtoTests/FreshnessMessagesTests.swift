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
    var told: [UInt32] = []
    let read = try GetSecretResponse.value(protobuf: stale.span.bytes) { told.append($0) }
    #expect(read == value)
    let resolved = ResolveExternalSecretResponse.protobuf(data: ["a": value], staleSeconds: 7)
    #expect(resolved == ResolveExternalSecretResponse.protobuf(data: ["a": value]) + [0x10, 0x07])
    let data = try ResolveExternalSecretResponse.data(protobuf: resolved.span.bytes) { told.append($0) }
    #expect(data == ["a": value])
    #expect(told == [300, 7])
    // Who does not know the field reads a generator's answer, whose message is the same without it.
    #expect(try GenerateResponse.values(protobuf: resolved.span.bytes) == ["a": value])
  }

  @Test("an answer to several tells each value's age, and that of the oldest of all")
  func batch() throws {
    let value = SecretBytes("v")
    let results: [Result<SecretBytes, RPCError>] = [
      .success(value), .failure(RPCError(.notFound, "none")), .success(value), .success(value),
    ]
    let freshness = ReadFreshness()
    freshness.noteStale(seconds: 7, at: 2)
    freshness.noteStale(seconds: 300, at: 3)
    let bytes = BatchGetSecretsResponse.protobuf(results: results, freshness: freshness)
    #expect(bytes.suffix(3) == [0x10, 0xAC, 0x02])
    #expect(bytes.count == BatchGetSecretsResponse.protobuf(results: results).count + 2 + 3 + 3)
    var told: [String] = []
    let read = try BatchGetSecretsResponse.results(protobuf: bytes.span.bytes) { told.append("\($0): \($1)") }
    #expect(read == results)
    #expect(told == ["2: 7", "3: 300"])
    #expect(
      BatchGetSecretsResponse.protobuf(results: results, freshness: ReadFreshness())
        == BatchGetSecretsResponse.protobuf(results: results))
  }

  @Test("an event of a watch tells a value's age, and nothing of one that is not past its time")
  func watch() throws {
    let event = WatchSecretsEvent(secret: 1, revision: 2, kind: .value(SecretBytes("v")), staleSeconds: 7)
    let bytes = event.protobuf()
    #expect(try WatchSecretsEvent(protobuf: bytes.span.bytes) == event)
    var fresh = event
    fresh.staleSeconds = nil
    #expect(bytes == fresh.protobuf() + [0x30, 0x07])
    #expect(try WatchSecretsEvent(protobuf: fresh.protobuf().span.bytes) == fresh)
  }

  @Test("what a handler notes of one call's values is in that call's answer")
  func dispatch() async throws {
    let dispatcher = FederationDispatcher(service: StaleService())
    for asksBackend in [false, true] {
      let request = try GetSecretRequest(store: "s", name: "k", asksBackend: asksBackend).protobuf()
      let reply = dispatcher.call(
        service: FederationMethod.service, method: "GetSecret", payload: request.span.bytes,
        context: CallContext(peer: "test", deadline: MonotonicTime(nanoseconds: 7)))
      let answer = try await reply.result().get()
      let expected = GetSecretResponse.protobuf(value: SecretBytes("v"), staleSeconds: asksBackend ? nil : 3)
      #expect(answer == expected)
    }
  }

  @Test("what a resolve reads past its time is in its answer")
  func resolve() async throws {
    let request = try ResolveExternalSecretRequest(store: "s", data: Array("[]".utf8)).protobuf()
    let reply = FederationDispatcher(service: StaleService()).call(
      service: FederationMethod.service, method: "ResolveExternalSecret", payload: request.span.bytes,
      context: CallContext(peer: "test"))
    let answer = try await reply.result().get()
    #expect(answer == ResolveExternalSecretResponse.protobuf(data: ["k": SecretBytes("v")], staleSeconds: 3))
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
      #expect(call.freshness?.deadline == MonotonicTime(nanoseconds: 7))
      if call.freshness?.asksBackend == false { call.freshness?.noteStale(seconds: 2.5) }
      return .ready(.success(SecretBytes("v")))
    }

    func resolveExternalSecret(
      _ request: ResolveExternalSecretRequest, _ call: CallContext
    ) -> Reply<[String: SecretBytes]> {
      call.freshness?.noteStale(seconds: 3)
      return .ready(.success(["k": SecretBytes("v")]))
    }
  }
}
