import FederationAPI
import Foundation
import HTTP1
import HTTPClient
import Logging
import Resources
import Synchronization
import TestSupport
import Testing

@testable import Providers

@Suite struct WebhookProviderTests {
  /// A plain HTTPS service that has secrets for who shows its token, and what reads it as a manifest says.
  private final class Service: Sendable {
    let server: HTTPSServer
    let asked = Asked()
    let values = Values()

    final class Asked: Sendable { let list = Mutex<[HTTPServerRequest]>([]) }
    final class Values: Sendable { let byPath = Mutex<[String: [UInt8]]>([:]) }

    init() throws {
      let (asked, values) = (asked, values)
      server = try HTTPSServer { request in
        asked.list.withLock { $0.append(request) }
        let authorization = request.head.fields["authorization"]
        guard authorization == "Bearer t0ken" else { return HTTPServerResponse(status: 401) }
        guard let value = values.byPath.withLock({ $0[request.head.target] }) else {
          return HTTPServerResponse(status: 404)
        }
        return HTTPServerResponse(status: 200, body: .plain(value))
      }
    }

    func put(_ path: String, _ value: some Sequence<UInt8>) {
      values.byPath.withLock { $0[path] = Array(value) }
    }

    var last: HTTPServerRequest? { asked.list.withLock { $0.last } }

    func provider(_ fields: String, token: String = "t0ken", trusted: Bool = true) throws -> any Provider {
      let authority = trusted ? server.authority : try TestCertificateAuthority()
      let bundle = Data(try #require(authority).certificatePEM).base64EncodedString()
      let directory = try TemporaryDirectory()
      try directory.write(
        """
        apiVersion: external-secrets.io/v1
        kind: ClusterSecretStore
        metadata: {name: hook}
        spec:
          provider:
            webhook:
              caBundle: \(bundle)
              headers: {Authorization: "Bearer {{ .auth.token }}"}
              secrets: [{name: auth, secretRef: {name: hook, namespace: vault, key: token}}]
        \(fields.split(separator: "\n").map { "      " + $0 }.joined(separator: "\n"))
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: hook, namespace: vault}
        stringData: {token: \(token)}
        """.replacingOccurrences(of: "URL", with: server.url), to: "store.yaml")
      let (manifests, diagnostics) = ManifestLoader.load(directory: directory.path)
      if let error = diagnostics.first(where: \.isError) { throw TestSupportError("\(error)") }
      guard case .remote(.webhook(let spec)) = try #require(manifests.clusterSecretStores.first).provider else {
        throw TestSupportError("no webhook")
      }
      return WebhookProvider(
        spec, client: try HTTPClient(log: Log(level: .error)),
        secrets: ProviderSecrets(ManifestSecrets(manifests.secrets)))
    }
  }

  @Test("without a path the whole answer is the value, whatever its bytes, up to 64 KiB and past them")
  func wholeAnswer() async throws {
    let service = try Service()
    let provider = try service.provider("url: URL/v/{{ .remoteRef.key }}")
    let bytes = (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
    service.put("/v/binary", bytes)
    service.put("/v/text", "日本語 \u{1F511}\n".utf8)
    service.put("/v/empty", [])
    guard
      case .value(let value, nil) = try await provider.fetch(
        ProviderKey(name: "binary"), known: nil, deadline: .in(30))
    else {
      Issue.record("no value")
      return
    }
    #expect(value == SecretBytes(bytes))
    #expect(try await provider.text("text").text == "日本語 \u{1F511}\n")
    #expect(try await provider.text("empty").text == "")
  }

  @Test("with a path what it leads to is the value: a string's text, anything else as it is written")
  func path() async throws {
    let service = try Service()
    let provider = try service.provider("url: URL/v/{{ .remoteRef.key }}\nresult: {jsonPath: $.data.v}")
    let large = String(repeating: "ü", count: 32_768)
    let cases = [
      ("\"q\\\"\\u00e9\\n\"", "q\"é\n"), ("\"\(large)\"", large), ("12345678901234567890", "12345678901234567890"),
      ("{\"a\": [1]}", "{\"a\": [1]}"), ("null", ""), ("true", "true"),
    ]
    for (index, (json, text)) in cases.enumerated() {
      service.put("/v/\(index)", "{\"x\":0,\"data\":{\"v\":\(json)}}".utf8)
      #expect(try await provider.text("\(index)").text == text)
    }
    for (name, body) in [("none", "{\"data\":{}}"), ("text", "hunter2"), ("cut", "{\"data\":{\"v\":\"hunter2\"")] {
      service.put("/v/\(name)", body.utf8)
      guard case .dataLoss(let reason) = await provider.failure(name) else {
        Issue.record("\(name) has a value")
        continue
      }
      #expect(!reason.contains("hunter2"))
    }
  }

  @Test("what changes at the service is new with the next question; what is not there is not found")
  func rotation() async throws {
    let service = try Service()
    let provider = try service.provider("url: URL/v/{{ .remoteRef.key }}")
    #expect(await provider.failure("a") == .notFound)
    for value in ["one", "two"] {
      service.put("/v/a", value.utf8)
      #expect(try await provider.text("a").text == value)
    }
  }

  @Test("a wrong credential is denied, an untrusted certificate leaves the service unavailable")
  func wrongCredentials() async throws {
    let service = try Service()
    service.put("/v/a", "x".utf8)
    let url = "url: URL/v/{{ .remoteRef.key }}"
    #expect(
      await (try service.provider(url, token: "wrong")).failure("a")
        == .denied(reason: "the webhook answered with status 401"))
    guard case .unavailable = await (try service.provider(url, trusted: false)).failure("a") else {
      Issue.record("a certificate that nobody trusts is trusted")
      return
    }
    guard case .misconfigured = await (try service.provider(url, token: "\"a\\nb\"")).failure("a") else {
      Issue.record("a credential with a line break was sent")
      return
    }
  }

  @Test("a caller's key never leaves its place in URL, header and body")
  func placement() async throws {
    let service = try Service()
    let inURL = try service.provider("url: URL/v/{{ .remoteRef.key }}?v={{ .remoteRef.version }}&x=1")
    service.put("/v/a%2F...%2F%3Fb%23%26c%20%C3%BC?v=%26y%3D2&x=1", "x".utf8)
    #expect(try await inURL.text("a/.../?b#&c ü", version: "&y=2").text == "x")
    let before = service.asked.list.withLock { $0.count }
    let inBody = try service.provider(
      """
      url: URL/v
      method: POST
      body: '{"key":"{{ .remoteRef.key }}","name":{{ .remoteRef.key | toJson }}}'
      """)
    #expect(await inBody.failure("a\",\"admin\":\"true") == .invalid("does not take this key or version"))
    #expect(service.asked.list.withLock { $0.count } == before)
    service.put("/v", "y".utf8)
    #expect(try await inBody.text("team/a-b_1").text == "y")
    #expect(
      service.last.map { String(decoding: $0.body, as: UTF8.self) }
        == "{\"key\":\"team/a-b_1\",\"name\":\"team/a-b_1\"}")
  }

  @Test(
    "a key whose segments lead elsewhere is refused, however often it is encoded",
    arguments: [
      ".", "..", "../admin", "a/../../admin", "a/..", "./a", "%2e%2e/admin", "%2E.%2Fadmin", "a%2f..%2fadmin",
      "%252e%252e%252fadmin", "a/%25252e%25252e", "..\\admin", "..%5cadmin", "..;x=1/admin", "a//..",
    ])
  func dotSegments(_ key: String) async throws {
    let service = try Service()
    let refusal = BackendError.invalid(
      "takes no key or version with `.` or `..` between slashes, percent-encoded ones included")
    let provider = try service.provider("url: URL/v/{{ .remoteRef.version }}/{{ .remoteRef.key | urlquery }}")
    #expect(await provider.failure(key, version: "1") == refusal)
    #expect(await provider.failure("a", version: key) == refusal)
    #expect(service.last == nil)
  }

  @Test("dots within names lead nowhere", arguments: ["a.b", ".hidden", "...", "a..b/c.", "100%", "a%2", "%zz..", ""])
  func dots(_ key: String) {
    #expect(!DotSegments.stand(in: Array(key.utf8)))
  }

  @Test("a version is refused where the webhook is not told it")
  func version() async throws {
    let service = try Service()
    service.put("/v/a", "x".utf8)
    let provider = try service.provider("url: URL/v/{{ .remoteRef.key }}")
    #expect(await provider.failure("a", version: "1") == .invalid("has no versions"))
    #expect(try await provider.text("a").text == "x")
  }

  @Test("a check connects, trusts as a read does, and sends nothing")
  func check() async throws {
    let service = try Service()
    let url = "url: URL/v/{{ .remoteRef.key }}\nmethod: POST\nbody: '{}'"
    _ = try await service.provider(url).check(deadline: .in(30))
    #expect(service.last == nil)
    await #expect(throws: BackendError.self) {
      try await service.provider(url, trusted: false).check(deadline: .in(30))
    }
    let closed = try ClosedPort()
    defer { withExtendedLifetime(closed) {} }
    await #expect(throws: BackendError.self) {
      try await service.provider("url: https://127.0.0.1:\(closed.port)/{{ .remoteRef.key }}").check(deadline: .in(30))
    }
  }
}
