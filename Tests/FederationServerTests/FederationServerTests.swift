import FederationAPI
import FederationServer
import HTTPClient
import Logging
import Synchronization
import TTRPC
import TestSupport
import Testing
import Transport

/// A server in this process, with a certificate and no manifests but those given.
private struct Site {
  let authority: TestCertificateAuthority
  let directory: TemporaryDirectory
  var configuration: ServerConfiguration

  init(manifest: String? = nil) throws {
    authority = try TestCertificateAuthority()
    directory = try TemporaryDirectory()
    if let manifest { _ = try directory.write(manifest, to: "all.yaml") }
    let certificate = try authority.issue()
    configuration = ServerConfiguration(
      manifestDirectory: directory.path, host: "127.0.0.1", port: 0, certificateFile: certificate.certificateFile,
      keyFile: certificate.keyFile)
    configuration.loops = 1
  }

  func start() async throws -> FederationServer {
    try await FederationServer.start(configuration, log: Log(level: .error) { _ in })
  }

  func connect(_ server: FederationServer, _ group: EventLoopGroup) async throws -> FederationRPCClient {
    let tls = try ClientTLS(caCertificates: authority.certificatePEM, alpn: [TTRPCClient.alpn])
    let target = DialTarget(host: "127.0.0.1", port: server.address.port, tls: tls)
    return FederationRPCClient(client: try await TTRPCClient.connect(target, group: group))
  }

  func post(_ server: FederationServer, _ client: HTTPClient) async throws -> HTTPResponse {
    let request = HTTPRequest(
      method: "POST", url: "https://127.0.0.1:\(server.address.port)/secretstore/a/secrets/b", body: Array("{}".utf8),
      caCertificates: authority.certificatePEM)
    return try await client.send(request)
  }
}

@Suite struct FederationServerTests {
  @Test("what cannot be served is told at the start, with file and line where there is one")
  func startErrors() async throws {
    func failure(_ site: Site) async -> String {
      do {
        let server = try await site.start()
        await server.stop()
        return "started"
      } catch { return "\(error)" }
    }
    let broken = try Site(manifest: "kind: Nonsense\n")
    #expect(await failure(broken).hasPrefix("\(broken.directory.path)/all.yaml:1: "))
    let local = try Site(
      manifest: """
        apiVersion: external-secrets.io/v1
        kind: ClusterSecretStore
        metadata: {name: vault}
        spec: {provider: {local: {}}}

        """)
    #expect(
      await failure(local).contains("all.yaml:1: store \"vault\" uses provider local: start the server with --data"))
    var noKey = try Site()
    noKey.configuration.keyFile = "/nonexistent.key"
    #expect(await failure(noKey).contains("reading TLS key /nonexistent.key"))
  }

  @Test("a SpiffeFederation without the port for it is warned of, once, with the flag that is missing")
  func unservedFederation() async throws {
    let federations = ["a", "b"].map { name in
      """
      apiVersion: identity.federation.external-secrets.io/v1alpha1
      kind: SpiffeFederation
      metadata: {name: \(name)}
      spec: {trustDomain: \(name).example.org}

      """
    }
    var site = try Site(manifest: federations.joined(separator: "---\n"))
    for isServed in [false, true] {
      if isServed { site.configuration.spiffe = SPIFFEListening(host: "127.0.0.1", port: 0) }
      let lines = Mutex<[String]>([])
      let server = try await FederationServer.start(
        site.configuration, log: Log(level: .warning) { line in lines.withLock { $0.append(line) } })
      await server.stop()
      let said = lines.withLock { $0.filter { $0.contains("--spiffe-listen") } }
      #expect(said.count == (isServed ? 0 : 1), "\(said)")
      #expect(said.allSatisfy { $0.contains("all.yaml:1: warning: SpiffeFederation `a` has no effect") })
    }
  }

  @Test("past the connection limit each wire says so in its own words, and there is room again afterwards")
  func connectionLimit() async throws {
    var site = try Site()
    site.configuration.limits.maximumConnections = 1
    // So that who has proved nothing keeps its place all the same.
    site.configuration.limits.strangerSilenceSeconds = .infinity
    let server = try await site.start()
    let group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let http = try HTTPClient(log: Log(level: .error))

    let first = try await site.connect(server, group)
    await #expect(throws: RPCError.unauthenticated) {
      _ = try await first.getSecret(GetSecretRequest(store: "a", name: "b"))
    }
    let second = try await site.connect(server, group)
    let refused = await #expect(throws: RPCError.self) {
      _ = try await second.getSecret(GetSecretRequest(store: "a", name: "b"))
    }
    #expect(refused?.code == .resourceExhausted)
    #expect(refused?.message.contains("connection limit") == true)
    let answer = try await site.post(server, http)
    #expect(answer.status == 503)
    #expect(String(decoding: answer.body, as: UTF8.self).contains("connection limit"))

    first.close()
    second.close()
    // The server frees the place when it has seen the end, which no reply announces.
    var status = 503
    for _ in 0..<200 where status == 503 {
      try await Task.sleep(for: .milliseconds(20))
      status = try await site.post(server, http).status
    }
    #expect(status == 401)
    http.close()
    await group.shutDown(graceSeconds: 1)
    await server.stop()
  }

  @Test("D24: the gateway without TLS is there only when asked for")
  func plaintext() async throws {
    var site = try Site()
    let closed = try await site.start()
    #expect(closed.plaintextAddress == nil)
    await closed.stop()
    site.configuration.plaintextAddress = ("127.0.0.1", 0)
    let server = try await site.start()
    let port = try #require(server.plaintextAddress?.port)
    let http = try HTTPClient(log: Log(level: .error))
    let request = HTTPRequest(
      method: "POST", url: "http://127.0.0.1:\(port)/secretstore/a/secrets/b", body: Array("{}".utf8),
      allowsPlaintext: true)
    #expect(try await http.send(request).status == 401)
    http.close()
    await server.stop()
  }
}
