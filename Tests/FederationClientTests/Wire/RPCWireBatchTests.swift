import FederationAPI
import TestSupport
import Testing

@testable import FederationClient

/// Several secrets over RPC: one batch where the server knows it, against a real server on loopback.
@Suite(.timeLimit(.minutes(1))) struct RPCWireBatchTests {
  private let authority: TestCertificateAuthority
  private let certificate: TestCertificateAuthority.ServerCertificate

  init() throws {
    authority = try TestCertificateAuthority()
    certificate = try authority.issue()
  }

  private func fetch(
    _ names: [SecretName], batchRoom: Int?, token: String = "good-token", times: Int = 1
  ) async throws -> (results: [Result<SecretBytes, RPCError>], batches: [BatchGetSecretsRequest], calls: Int) {
    let values = Dictionary(uniqueKeysWithValues: (0..<2_500).map { ("key-\($0)", SecretBytes("value \($0)")) })
    let service = FakeFederationService(secrets: ["vault": values], batchRoom: batchRoom)
    let server = try FakeFederationServer.start(certificate: certificate, service: service)
    let client = try FederationClient(
      configuration: FederationClientConfiguration(
        server: ServerAddress(parsing: server.url), transport: .rpc, token: .fixed(token),
        caFile: authority.certificateFile, timeoutSeconds: 20))
    var results: [Result<SecretBytes, RPCError>] = []
    for _ in 0..<times { results = await client.secrets(names) }
    await client.close()
    await server.stop()
    return (results, service.batches, service.calls.count)
  }

  private func names(_ numbers: Range<Int>) -> [SecretName] {
    numbers.map { SecretName(store: "vault", key: "key-\($0)") }
  }

  private func values(_ numbers: Range<Int>) -> [Result<SecretBytes, RPCError>] {
    numbers.map { .success(SecretBytes("value \($0)")) }
  }

  @Test("several secrets are one call, each with its own result")
  func oneBatch() async throws {
    let asked = names(0..<2) + [SecretName(store: "vault", key: "gone"), SecretName(store: "no", key: "k")]
    let (results, batches, calls) = try await fetch(asked, batchRoom: 1_000)
    #expect(results[..<2] == values(0..<2)[...])
    #expect(results[2] == .failure(RPCError(.notFound, "no secret \"gone\" in store \"vault\"")))
    #expect(results[3] == .failure(.notAuthorized))
    #expect(batches.count == 1 && calls == 0)
    #expect(batches.first?.caCertificates == authority.certificatePEM)
  }

  @Test("one secret is a single call")
  func single() async throws {
    let (results, batches, calls) = try await fetch(names(3..<4), batchRoom: 1_000)
    #expect(results == values(3..<4) && batches.isEmpty && calls == 1)
  }

  @Test("a server without batches is asked once for one, then one by one")
  func olderServer() async throws {
    let (results, batches, calls) = try await fetch(names(0..<20), batchRoom: nil, times: 3)
    #expect(results == values(0..<20))
    #expect(batches.count == 1 && calls == 60)
  }

  @Test("more than a batch may have are several")
  func severalBatches() async throws {
    let (results, batches, calls) = try await fetch(names(0..<2_500), batchRoom: 1_000)
    #expect(results == values(0..<2_500))
    #expect(batches.map(\.secrets.count) == [1_000, 1_000, 500] && calls == 0)
  }

  @Test("what had no room in an answer is asked for again, at last alone")
  func continued() async throws {
    let (results, batches, calls) = try await fetch(names(0..<10), batchRoom: 4)
    #expect(results == values(0..<10))
    #expect(batches.map(\.secrets.count) == [10, 6, 2] && calls == 0)
    let none = try await fetch(names(0..<10), batchRoom: 0)
    #expect(none.results == values(0..<10))
    #expect(none.batches.count == 1 && none.calls == 10)
  }

  @Test("a call that fails as a whole is each secret's failure")
  func wholeFailure() async throws {
    let (results, batches, calls) = try await fetch(names(0..<3), batchRoom: 10, token: "bad")
    #expect(results == [Result<SecretBytes, RPCError>](repeating: .failure(.unauthenticated), count: 3))
    #expect(batches.count == 1 && calls == 0)
  }

  @Test("a name that no message can hold spoils nothing but itself")
  func embeddedNUL() async throws {
    let (results, batches, _) = try await fetch(
      names(0..<1) + [SecretName(store: "vault", key: "a\0b")], batchRoom: 10)
    #expect(results[0] == values(0..<1)[0] && batches.isEmpty)
    #expect(results[1] == .failure(RPCError(.invalidArgument, "name must not hold a NUL character")))
  }
}
