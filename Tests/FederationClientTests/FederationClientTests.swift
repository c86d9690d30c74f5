import FederationAPI
import TestSupport
import Testing

@testable import FederationClient

/// Against a real server on loopback, over each wire.
@Suite struct FederationClientTests {
  private let authority: TestCertificateAuthority
  private let certificate: TestCertificateAuthority.ServerCertificate

  init() throws {
    authority = try TestCertificateAuthority()
    certificate = try authority.issue()
  }

  private func service(answersTogether: Int = 1) -> FakeFederationService {
    let values = Dictionary(uniqueKeysWithValues: (0..<50).map { ("key-\($0)", SecretBytes("value \($0)")) })
    let odd = ["a/b ü": SecretBytes("odd"), "..": SecretBytes("dots")]
    return FakeFederationService(
      secrets: ["vault": values.merging(odd) { $1 }], answersTogether: answersTogether)
  }

  private func client(
    _ server: FakeFederationServer, _ transport: FederationTransport, token: TokenSource = .fixed("good-token"),
    workloadToken: TokenSource? = nil, timeoutSeconds: Double = 20
  ) throws -> FederationClient {
    try FederationClient(
      configuration: FederationClientConfiguration(
        server: ServerAddress(parsing: server.url), transport: transport, token: token, workloadToken: workloadToken,
        caFile: authority.certificateFile, timeoutSeconds: timeoutSeconds))
  }

  @Test("a secret arrives, with the credentials sent as documented", arguments: [FederationTransport.rpc, .http])
  func oneSecret(transport: FederationTransport) async throws {
    let server = try FakeFederationServer.start(certificate: certificate, service: service())
    let client = try client(server, transport, workloadToken: .fixed("workload"))
    #expect(try await client.secret(store: "vault", name: "key-7") == SecretBytes("value 7"))
    let call = try #require(server.service.calls.first)
    #expect(call.request == GetSecretRequest(store: "vault", name: "key-7", caCertificates: authority.certificatePEM))
    #expect(call.authorization == "Bearer good-token")
    #expect(call.workloadToken == "workload")
    await client.close()
    await server.stop()
  }

  @Test(
    "a server that wants to be asked later is asked then, on the same connection and more often than one that is down",
    arguments: [FederationTransport.rpc, .http])
  func advice(transport: FederationTransport) async throws {
    let server = try FakeFederationServer.start(certificate: certificate, service: service())
    let client = try client(server, transport)
    // HTTP says it in whole seconds.
    let (seconds, times) = transport == .http ? (1.0, 1) : (0.05, 5)
    server.service.refuse(
      Array(repeating: RPCError(.resourceExhausted, "later", retryAfterSeconds: seconds), count: times))
    let start = MonotonicTime.now
    #expect(try await client.secret(store: "vault", name: "key-7") == SecretBytes("value 7"))
    #expect(start.nanoseconds(until: .now) >= UInt64(seconds * Double(times) * 1e9))
    #expect(server.service.calls.count == times + 1)
    #expect(Set(server.service.calls.map(\.peer)).count == 1)
    await client.close()
    await server.stop()
  }

  @Test("advice to wait past the deadline ends the fetch at once, and what has none is final")
  func longAdvice() async throws {
    let server = try FakeFederationServer.start(certificate: certificate, service: service())
    let client = try client(server, .rpc)
    for refusal in [
      RPCError(.resourceExhausted, "tomorrow", retryAfterSeconds: 80_000), RPCError(.resourceExhausted, "never"),
    ] {
      server.service.refuse([refusal])
      await #expect(throws: refusal) { try await client.secret(store: "vault", name: "key-7") }
    }
    #expect(server.service.calls.count == 2)
    await client.close()
    await server.stop()
  }

  @Test("keys with slashes, spaces and dots arrive as they are", arguments: [FederationTransport.rpc, .http])
  func oddKeys(transport: FederationTransport) async throws {
    let server = try FakeFederationServer.start(certificate: certificate, service: service())
    let client = try client(server, transport)
    #expect(try await client.secret(store: "vault", name: "a/b ü") == SecretBytes("odd"))
    #expect(try await client.secret(store: "vault", name: "..") == SecretBytes("dots"))
    await client.close()
    await server.stop()
  }

  @Test("over RPC all calls are on their way before the first answer, on one connection")
  func pipelining() async throws {
    // No call is answered before all fifty wait: calls one after the other would time out.
    let server = try FakeFederationServer.start(certificate: certificate, service: service(answersTogether: 50))
    let client = try client(server, .rpc)
    let results = await client.secrets((0..<50).map { SecretName(store: "vault", key: "key-\($0)") })
    #expect(results == (0..<50).map { .success(SecretBytes("value \($0)")) })
    #expect(Set(server.service.calls.map(\.peer)).count == 1)
    await client.close()
    await server.stop()
  }

  @Test("over HTTP all calls of two fetches share one connection")
  func keepAlive() async throws {
    let server = try FakeFederationServer.start(certificate: certificate, service: service())
    let client = try client(server, .http)
    for _ in 0..<2 {
      let results = await client.secrets((0..<5).map { SecretName(store: "vault", key: "key-\($0)") })
      #expect(results == (0..<5).map { .success(SecretBytes("value \($0)")) })
    }
    #expect(Set(server.service.calls.map(\.peer)).count == 1)
    await client.close()
    await server.stop()
  }

  @Test(
    "auto speaks RPC where TLS agrees on it, else HTTP",
    arguments: [(["ttrpc", "http/1.1"], "ttrpc"), (["http/1.1"], "http/1.1")])
  func auto(alpn: [String], agreed: String) async throws {
    let server = try FakeFederationServer.start(certificate: certificate, alpn: alpn, service: service())
    let client = try client(server, .auto)
    #expect(try await client.secret(store: "vault", name: "key-1") == SecretBytes("value 1"))
    #expect(try await client.secret(store: "vault", name: "key-2") == SecretBytes("value 2"))
    #expect(server.service.protocols.first == agreed)
    await client.close()
    await server.stop()
  }

  @Test("auto speaks HTTP to a server without TLS")
  func plaintext() async throws {
    let server = try FakeFederationServer.start(certificate: nil, service: service())
    let client = try client(server, .auto)
    #expect(try await client.secret(store: "vault", name: "key-1") == SecretBytes("value 1"))
    await client.close()
    await server.stop()
  }

  @Test("RPC is not replaced by HTTP when it was asked for")
  func noFallback() async throws {
    let server = try FakeFederationServer.start(certificate: certificate, alpn: ["http/1.1"], service: service())
    let client = try client(server, .rpc)
    let error = await #expect(throws: RPCError.self) { try await client.secret(store: "vault", name: "key-1") }
    #expect(error?.code == .unimplemented || error?.code == .unavailable)
    #expect(server.service.calls.isEmpty)
    await client.close()
    await server.stop()
  }

  @Test("transports that cannot work are refused at once")
  func impossible() throws {
    let https = try ServerAddress(parsing: "https://fed")
    let http = try ServerAddress(parsing: "http://fed")
    for transport in [FederationTransport.rpc, .grpc] {
      #expect(throws: Never.self) {
        try FederationClient(configuration: FederationClientConfiguration(server: https, transport: transport))
      }
      let plain = #expect(throws: RPCError.self) {
        try FederationClient(configuration: FederationClientConfiguration(server: http, transport: transport))
      }
      #expect(plain?.code == .invalidArgument)
    }
  }

  @Test("errors are the same on both wires but for the missing key", arguments: [FederationTransport.rpc, .http])
  func errors(transport: FederationTransport) async throws {
    let server = try FakeFederationServer.start(certificate: certificate, service: service())
    let stranger = try client(server, transport, token: .fixed("bad-token"))
    await #expect(throws: RPCError.unauthenticated) { try await stranger.secret(store: "vault", name: "key-1") }
    let known = try client(server, transport)
    await #expect(throws: RPCError.notAuthorized) { try await known.secret(store: "other", name: "key-1") }
    let missing = await #expect(throws: RPCError.self) { try await known.secret(store: "vault", name: "none") }
    #expect(missing?.code == (transport == .rpc ? .notFound : .invalidArgument))
    #expect(missing?.message == "no secret \"none\" in store \"vault\"")
    await stranger.close()
    await known.close()
    await server.stop()
  }

  @Test("a rotated token is used without a new client", arguments: [FederationTransport.rpc, .http])
  func rotation(transport: FederationTransport) async throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("good-token\n", to: "token")
    let server = try FakeFederationServer.start(certificate: certificate, service: service())
    let client = try client(server, transport, token: .file(path))
    _ = try await client.secret(store: "vault", name: "key-1")
    server.service.accept(token: "next-token")
    await #expect(throws: RPCError.unauthenticated) { try await client.secret(store: "vault", name: "key-1") }
    _ = try directory.write("next-token\n", to: "token")
    #expect(try await client.secret(store: "vault", name: "key-1") == SecretBytes("value 1"))
    await client.close()
    await server.stop()
  }

  @Test("a client outlives its server's restart", arguments: [FederationTransport.auto, .rpc, .http])
  func restart(transport: FederationTransport) async throws {
    let first = try FakeFederationServer.start(certificate: certificate, service: service())
    let client = try client(first, transport)
    _ = try await client.secret(store: "vault", name: "key-1")
    await first.stop()
    let port = try ServerAddress(parsing: first.url).port
    let second = try FakeFederationServer.start(certificate: certificate, service: service(), port: port)
    #expect(try await client.secret(store: "vault", name: "key-2") == SecretBytes("value 2"))
    await client.close()
    await second.stop()
  }

  @Test(
    "a closed port is UNAVAILABLE for each secret, after a bounded number of attempts",
    arguments: [FederationTransport.rpc, .http])
  func refused(transport: FederationTransport) async throws {
    let server = try FakeFederationServer.start(certificate: certificate, service: service())
    await server.stop()
    let client = try client(server, transport)
    let results = await client.secrets([SecretName(store: "v", key: "a"), SecretName(store: "v", key: "b")])
    #expect(results.count == 2)
    for result in results {
      guard case .failure(let error) = result else {
        Issue.record("a secret came from a closed port")
        continue
      }
      #expect(error.code == .unavailable)
    }
    await client.close()
  }

  @Test("a server that the CA did not sign gets nothing", arguments: [FederationTransport.auto, .rpc, .http])
  func untrusted(transport: FederationTransport) async throws {
    let stranger = try TestCertificateAuthority(name: "Stranger")
    let server = try FakeFederationServer.start(certificate: stranger.issue(), service: service())
    let client = try client(server, transport)
    let error = await #expect(throws: RPCError.self) { try await client.secret(store: "vault", name: "key-1") }
    #expect(error?.code == .unavailable)
    #expect(server.service.calls.isEmpty)
    await client.close()
    await server.stop()
  }

  @Test("a server that never answers is given up at the timeout", arguments: [FederationTransport.rpc, .http])
  func timeout(transport: FederationTransport) async throws {
    let server = try FakeFederationServer.start(certificate: certificate, service: service(answersTogether: 99))
    let client = try client(server, transport, timeoutSeconds: 0.3)
    let error = await #expect(throws: RPCError.self) { try await client.secret(store: "vault", name: "key-1") }
    #expect(error?.code == .deadlineExceeded)
    await client.close()
    await server.stop()
  }

  @Test("authenticate tells who the caller is over RPC, and is not for HTTP")
  func authenticate() async throws {
    let server = try FakeFederationServer.start(certificate: certificate, service: service())
    let rpc = try client(server, .rpc)
    let caller = try await rpc.authenticate()
    #expect(
      caller
        == AuthenticatedCaller(
          method: "oidc", provider: "https://issuer.test", subject: "system:serviceaccount:shop:web",
          expiresAtSeconds: 4_102_444_800))
    let http = try client(server, .http)
    let error = await #expect(throws: RPCError.self) { try await http.authenticate() }
    #expect(error?.code == .unimplemented)
    await rpc.close()
    await http.close()
    await server.stop()
  }

  @Test("a client works again after close")
  func reopening() async throws {
    let server = try FakeFederationServer.start(certificate: certificate, service: service())
    for transport in [FederationTransport.rpc, .http] {
      let client = try client(server, transport)
      _ = try await client.secret(store: "vault", name: "key-1")
      await client.close()
      #expect(try await client.secret(store: "vault", name: "key-1") == SecretBytes("value 1"))
      await client.close()
    }
    await server.stop()
  }
}
