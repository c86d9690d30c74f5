import FederationAPI
import Foundation
import GRPC
import HTTPClient
import JSON
import Logging
import Synchronization
import TTRPC
import TestSupport
import Testing
import Transport

/// Calls of every kind on every wire, whose connections stay open, and what their refusals said.
final class ExposedTraffic: Sendable {
  let federation: ExposedFederation
  let group: EventLoopGroup
  let http: HTTPClient
  private let open = Mutex<[FederationRPCClient]>([])
  private let watches = Mutex<[WatchSecretsCall]>([])
  private let peers = Mutex<[ChildProgram]>([])
  private let said = Mutex<[String]>([])

  init(_ federation: ExposedFederation) throws {
    self.federation = federation
    group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    http = try HTTPClient(log: Log(level: .error))
  }

  /// The text of every refusal, bodies of HTTP included.
  var refusals: [String] { said.withLock { $0 } }

  var hidden: HiddenValues { federation.hidden }
  var bundle: [UInt8] { federation.authority.certificatePEM }

  func stop() async {
    for peer in peers.withLock({ $0 }) { peer.signal(SIGTERM) }
    for client in open.withLock({ $0 }) { client.close() }
    http.close()
    await group.shutDown(graceSeconds: 0)
  }

  /// All calls that succeed, on each wire.
  func ask(round: Int) async throws {
    for (wire, client) in try await clients() {
      let token = try federation.token("token of \(wire) in round \(round)")
      let workload = try federation.token("workload token of \(wire) in round \(round)")
      try await ask(client, .init(token: token, workloadToken: workload), wire)
    }
    let ttrpc = try await connect(TTRPCClient.alpn)
    let bound = try federation.token("token of Authenticate in round \(round)")
    _ = try await ttrpc.authenticate(.init(caCertificates: bundle), credentials: .init(token: bound))
    try await ask(ttrpc, .init(), "ttrpc, bound")
    try await askHTTP(round: round)
    try await askHTTP2(round: round)
    try await askAsOthers(round: round)
  }

  /// Closes `client` with the others, and not before.
  func keep(_ client: FederationRPCClient) { open.withLock { $0.append(client) } }

  func clients() async throws -> [(wire: String, client: FederationRPCClient)] {
    [("ttrpc", try await connect(TTRPCClient.alpn)), ("gRPC", try await connect(GRPCClient.alpn))]
  }

  private func connect(_ alpn: String) async throws -> FederationRPCClient {
    let target = try DialTarget.loopback(federation.port, alpn, ca: federation.authority, timeoutSeconds: 60)
    let client =
      alpn == TTRPCClient.alpn
      ? FederationRPCClient(client: try await TTRPCClient.connect(target, group: group))
      : FederationRPCClient(client: try await GRPCClient.connect(target, group: group))
    keep(client)
    return client
  }

  private static let secrets =
    [("app", "plain"), ("app", "long"), ("app", "document"), ("vault", "stored")]
    + ExposedBackends.stores.map { ($0, "it") }

  func ask(
    _ client: FederationRPCClient, _ credentials: FederationRPCClient.Credentials, _ wire: String
  ) async throws {
    let references = Self.secrets.map { SecretReference(store: $0.0, key: $0.1) }
    for reference in references + references {
      _ = try await client.getSecret(
        GetSecretRequest(store: reference.store, name: reference.key, caCertificates: bundle), credentials: credentials)
    }
    _ = try await client.batchGetSecrets(
      BatchGetSecretsRequest(secrets: references, caCertificates: bundle), credentials: credentials)
    let wanted = "[{\"secretKey\":\"x\",\"remoteRef\":{\"key\":\"document\",\"property\":\"password\"}}]"
    _ = try await client.resolveExternalSecret(
      ResolveExternalSecretRequest(store: "app", data: Array(wanted.utf8), caCertificates: bundle),
      credentials: credentials)
    for generator in ExposedFederation.generators {
      let values = try await client.generate(
        GenerateRequest(generator: generator, caCertificates: bundle), credentials: credentials)
      for (key, value) in values where ["password", "privateKey"].contains(key) {
        hidden.add("\(key) of \(generator.kind) over \(wire)", value.copied)
      }
      #expect(generator.kind == "MFA" || values["password"] != nil || values["privateKey"] != nil)
      try await client.revokeSelf(
        RevokeSelfRequest(generator: generator, caCertificates: bundle), credentials: credentials)
    }
    guard credentials.token != nil else { return }
    let watch = try client.watchSecrets(
      WatchSecretsRequest(secrets: references, caCertificates: bundle), credentials: credentials)
    for _ in references { _ = try await watch.change() }
    watches.withLock { $0.append(watch) }
  }

  // MARK: HTTP

  func post(_ path: String, _ body: String, _ headers: [(name: String, value: String)]) async throws
    -> HTTPResponse
  {
    try await http.send(
      HTTPRequest(
        method: "POST", url: "https://localhost:\(federation.port)\(path)", headers: headers, body: Array(body.utf8),
        caCertificates: bundle, timeoutSeconds: 60))
  }

  var certificates: String { "\"ca.crt\":\"\(Data(bundle).base64EncodedString())\"" }

  private func askHTTP(round: Int) async throws {
    let headers = [
      (name: "Authorization", value: "Bearer \(try federation.token("token of HTTP in round \(round)"))"),
      (name: "x-workload-token", value: try federation.token("workload token of HTTP in round \(round)")),
    ]
    for (store, key) in Self.secrets + Self.secrets {
      let answer = try await post("/secretstore/\(store)/secrets/\(key)", "{\(certificates)}", headers)
      #expect(answer.status == 200)
    }
    let wanted = "\"data\":[{\"secretKey\":\"x\",\"remoteRef\":{\"key\":\"plain\"}}]"
    let resolved = try await post("/secretstore/app/externalsecret", "{\(wanted),\(certificates)}", headers)
    #expect(resolved.status == 200)
    for generator in ExposedFederation.generators {
      let answer = try await post("/generators/apps/\(generator.kind)/it", "{\(certificates)}", headers)
      #expect(answer.status == 200)
      note(answer.body, of: generator, over: "HTTP")
    }
  }

  private func askHTTP2(round: Int) async throws {
    let token = try federation.token("token of HTTP/2 in round \(round)")
    let curl = try ChildProgram(
      path: "/usr/bin/curl",
      arguments: [
        "--silent", "--http2", "--cacert", federation.authority.certificateFile, "--data", "{\(certificates)}",
        "--header", "Authorization: Bearer \(token)", "--write-out", "%{http_version} %{http_code}\n", "--output",
        "/dev/null", "https://localhost:\(federation.port)/secretstore/app/secrets/plain",
      ])
    #expect(await curl.wait() == .status(0))
    #expect(curl.stdout.text == "2 200\n")
    let request: JSONValue = [
      "path": "/secretstore/app/secrets/plain", "body": .string("{\(certificates)}"),
      "token": .string(try federation.token("token that HPACK indexes in round \(round)")),
    ]
    let peer = try await PythonPeer.start(
      "Tests/MemoryPeer/indexing_client.py", [String(federation.port), federation.authority.certificateFile],
      stdin: request.encoded())
    peers.withLock { $0.append(peer) }
    #expect(try await peer.stdout.waitForLine(prefix: "{") == "{\"status\": \"200\"}")
  }

  /// Hides what an answer over HTTP brought, which its JSON may write in another way.
  func note(_ body: [UInt8], of generator: GeneratorReference, over wire: String) {
    guard let values = try? JSONValue.parse(body) else { return }
    for key in ["password", "privateKey"] {
      if let text = values[key]?.string { hidden.add("\(key) of \(generator.kind) over \(wire)", text) }
    }
  }

  // MARK: Refusals

  /// Every kind of refusal, on each wire.
  func beRefused() async throws {
    let stranger = try TestSigningKey()
    let claims = ServiceAccountClaims(issuer: federation.issuer.url).overriding(["jti": .string(UUID().uuidString)])
    let foreign = ServiceAccountClaims(issuer: "https://nobody.example").overriding(["jti": .string(UUID().uuidString)])
    let tokens =
      [
        hidden.add("token that another key signed", token: try stranger.token(claims)),
        hidden.add("token of an unknown issuer", token: try federation.key.token(foreign)),
        try federation.token("token that has expired", lifetime: -600),
        try federation.token("token of nobody who may anything", "nobody"),
        hidden.text("token that is no JWT", count: 200), hidden.text("token past every limit", count: 40_000),
      ] + (try federation.identities.forgeries())
    for token in tokens {
      for (_, client) in try await clients() {
        await note { try await client.getSecret(request("app", "plain"), credentials: .init(token: token)) }
        await note {
          let generator = ExposedFederation.generators[0]
          return try await client.generate(
            GenerateRequest(generator: generator, caCertificates: bundle), credentials: .init(token: token))
        }
      }
      // A head past its limit may be answered before it has come whole.
      let answer = try? await post(
        "/secretstore/app/secrets/plain", "{\(certificates)}", [(name: "Authorization", value: "Bearer \(token)")])
      if let answer { note(answer) }
    }
    let good = try federation.token("token of refusals")
    for (_, client) in try await clients() {
      for (store, key) in [("app", "missing"), ("other", "plain"), ("vault", "missing"), ("none", "x")] {
        await note { try await client.getSecret(request(store, key), credentials: .init(token: good)) }
      }
    }
    let bodies = [
      "{\"ca.crt\":\"!\(hidden.text("what is no bundle"))\"}", "{\"password\":\"\(hidden.text("unknown member"))\"",
      hidden.text("body that is no JSON"),
    ]
    for body in bodies {
      note(
        try await post(
          "/secretstore/app/secrets/missing", body, [(name: "Authorization", value: "Bearer \(good)")]))
      note(
        try await post(
          "/secretstore/app/externalsecret", body, [(name: "Authorization", value: "Bearer \(good)")]))
    }
  }

  private func request(_ store: String, _ key: String) -> GetSecretRequest {
    GetSecretRequest(store: store, name: key, caCertificates: bundle)
  }

  private func note<Answer>(_ call: () async throws -> Answer) async {
    let error = await #expect(throws: RPCError.self) { _ = try await call() }
    said.withLock { $0.append(error?.message ?? "") }
  }

  private func note(_ answer: HTTPResponse) {
    #expect(answer.status >= 400)
    said.withLock { $0.append(String(decoding: answer.body, as: UTF8.self)) }
  }
}
