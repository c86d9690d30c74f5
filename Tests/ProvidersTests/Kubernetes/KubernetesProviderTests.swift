import FederationAPI
import Foundation
import HTTPClient
import JSON
import Kubernetes
import Logging
import Resources
import SecretStores
import TestSupport
import Testing

@testable import Providers

@Suite(.timeLimit(.minutes(2))) struct KubernetesProviderTests {
  /// A cluster, and stores of its namespace `default` as a manifest describes them.
  private final class Cluster: Sendable {
    let server: KubernetesAPIServer
    let api: KubernetesClient

    init() async throws {
      server = try await KubernetesAPIServer()
      api = try server.client()
    }

    func put(_ name: String, _ entries: [String: [UInt8]], labels: [String: String] = [:]) async throws {
      let data = entries.map { (JSONName($0), JSONValue.string(Data($1).base64EncodedString())) }
      let secret = KubernetesObject(
        .secrets, namespace: "default", name: name, labels: labels,
        fields: ["data": .object(Dictionary(uniqueKeysWithValues: data))])
      do throws(KubernetesError) {
        _ = try await api.create(secret, of: .secrets)
      } catch {
        guard error.kind == .alreadyExists else { throw error }
        _ = try await api.replace(secret, of: .secrets)
      }
    }

    func store(_ auth: String, secrets: [String: String], trusted: Bool = true) throws -> RemoteStore {
      let directory = try TemporaryDirectory()
      let authority = trusted ? nil : try TestCertificateAuthority()
      let entries = secrets.map { "  \($0): \(Data($1.utf8).base64EncodedString())" }.joined(separator: "\n")
      try directory.write(
        server.storeManifest(auth, authority: authority) + """
          ---
          apiVersion: v1
          kind: Secret
          metadata: {name: cluster}
          data:
          \(entries)

          """, to: "store.yaml")
      let (manifests, diagnostics) = ManifestLoader.load(directory: directory.path)
      if let error = diagnostics.first(where: \.isError) { throw TestSupportError("\(error)") }
      let stores = RemoteStores(client: try HTTPClient(log: Log(level: .error)), log: Log(level: .error))
      return try #require(stores.stores(of: manifests)["cluster"])
    }

    func store(token: String? = nil, trusted: Bool = true) throws -> RemoteStore {
      try store(
        "{token: {bearerToken: {name: cluster, key: token}}}", secrets: ["token": token ?? server.token],
        trusted: trusted)
    }
  }

  private func read(
    _ store: RemoteStore, _ key: String, _ property: String? = nil, version: String? = nil
  ) async -> Result<SecretBytes, RPCError> {
    await store.read(SecretReference(store: "cluster", key: key, property: property, version: version)).result()
  }

  private func code(_ result: Result<SecretBytes, RPCError>) -> StatusCode? {
    if case .failure(let error) = result { error.code } else { nil }
  }

  @Test("a Secret is the JSON of its entries, a property one entry byte by byte, or a place in one")
  func values() async throws {
    let cluster = try await Cluster()
    let binary = (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
    let entries: [String: [UInt8]] = [
      "tls.crt": Array("pem".utf8), "text": Array("日本語 \u{1F511} \"\\\n".utf8), "binary": binary, "empty": [],
      "config": Array("{\"db\":{\"p.w\":\"hunter2\",\"n\":1.50}}".utf8),
    ]
    try await cluster.put("app", entries)
    try await cluster.put("text", ["a": Array("b".utf8), "c": Array("ü".utf8)])
    let store = try cluster.store()
    for (name, bytes) in entries { #expect(await read(store, "app", name) == .success(SecretBytes(bytes))) }
    #expect(await read(store, "text") == .success(SecretBytes("{\"a\":\"b\",\"c\":\"ü\"}")))
    #expect(await read(store, "app", "config.db.n") == .success(SecretBytes("1.50")))
    #expect(await read(store, "app", "config.db.p\\.w") == .success(SecretBytes("hunter2")))
    for property in ["none", "config.none", "text.a", "config."] {
      #expect(code(await read(store, "app", property)) == .notFound)
    }
    let listed = try await store.list("cluster").result().get()
    #expect(Set(listed.map(\.key)) == ["app", "text"])
  }

  @Test("Secrets and entries may have dots in their names")
  func dots() async throws {
    let cluster = try await Cluster()
    try await cluster.put(
      "my.secret.v1", ["app.json": Array(#"{"db":{"user":"u"}}"#.utf8), "app": Array(#"{"json":{"n":1}}"#.utf8)])
    let store = try cluster.store()
    #expect(await read(store, "my.secret.v1", "app.json") == .success(SecretBytes(#"{"db":{"user":"u"}}"#)))
    #expect(await read(store, "my.secret.v1", "app.json.db.user") == .success(SecretBytes("u")))
    #expect(await read(store, "my.secret.v1", "app.json.n") == .success(SecretBytes("1")))
    #expect(code(await read(store, "my.secret.v1", "app.json.none")) == .notFound)
    #expect(try await store.list("cluster").result().get().map(\.key) == ["my.secret.v1"])
  }

  @Test("Secrets are found by all of their labels; what can be no label is refused")
  func labels() async throws {
    let cluster = try await Cluster()
    try await cluster.put("a", ["v": [1]], labels: ["team": "x", "example.org/env": "prod"])
    try await cluster.put("b", ["v": [1]], labels: ["team": "x", "empty": ""])
    try await cluster.put("c", ["v": [1]])
    let store = try cluster.store()
    func found(_ tags: [String: String]) async -> Result<Set<String>, RPCError> {
      let filter = TagFilter(tags.map { SecretTag(key: $0, value: $1) })
      return await store.list("cluster", filter).result().map { Set($0.map(\.key)) }
    }
    #expect(await found(["team": "x", "example.org/env": "prod"]) == .success(["a"]))
    #expect(await found(["team": "x"]) == .success(["a", "b"]))
    #expect(await found(["empty": ""]) == .success(["b"]))
    #expect(await found(["team": "y"]) == .success([]))
    let message = "store \"cluster\" has labels for tags, and one of these can be none"
    for (key, value) in [
      ("team", "x,other!=1"), ("team!", "x"), ("a b", "x"), ("/team", "x"), ("a/b/team", "x"), ("team", "-x"),
      ("ü", "x"), ("team", String(repeating: "x", count: 64)), ("Example.org/team", "x"),
    ] {
      #expect(await found([key: value]) == .failure(RPCError(.invalidArgument, message)), "\(key)=\(value)")
    }
  }

  @Test("what is not there is not found, names that lead elsewhere included; versions are refused")
  func missing() async throws {
    let cluster = try await Cluster()
    try await cluster.put("app", ["a": [1]])
    let store = try cluster.store()
    for key in ["none", "..", "../configmaps/x", "App", "app?x=1"] {
      #expect(code(await read(store, key)) == .notFound)
    }
    #expect(code(await read(store, "app", version: "1")) == .invalidArgument)
  }

  @Test("a Secret that changes is new with the next question, and gone when it is deleted")
  func rotation() async throws {
    let cluster = try await Cluster()
    let store = try cluster.store()
    for value in ["one", "two", "two"] {
      try await cluster.put("app", ["a": Array(value.utf8)])
      #expect(await read(store, "app", "a") == .success(SecretBytes(value)))
      #expect(await read(store, "app", "a") == .success(SecretBytes(value)))
    }
    try await cluster.api.delete(.secrets, namespace: "default", name: "app")
    #expect(code(await read(store, "app", "a")) == .notFound)
  }

  @Test("a client certificate is as good as a token; a wrong token, and an API server that nobody trusts, are not")
  func credentials() async throws {
    let cluster = try await Cluster()
    try await cluster.put("app", ["a": Array("b".utf8)])
    let own = try cluster.server.authority.issue(hosts: ["app"], ipAddresses: [], usage: "clientAuth", label: "app")
    let (pem, key) = (String(decoding: own.certificatePEM, as: UTF8.self), String(decoding: own.keyPEM, as: UTF8.self))
    let byCertificate = try cluster.store(
      "{cert: {clientCert: {name: cluster}, clientKey: {name: cluster}}}", secrets: ["tls.crt": pem, "tls.key": key])
    #expect(await read(byCertificate, "app", "a") == .success(SecretBytes("b")))
    #expect(code(await read(try cluster.store(token: "wrong"), "app", "a")) == .failedPrecondition)
    #expect(code(await read(try cluster.store(trusted: false), "app", "a")) == .unavailable)
  }

  @Test("a check passes for who may read some Secrets only, and not for who is nobody")
  func check() async throws {
    let cluster = try await Cluster()
    #expect(try await cluster.store().check().get().doubt == nil)
    try await cluster.server.fail(resource: "secrets", status: 403, count: -1)
    #expect(
      try await cluster.store().check().get().doubt?.hasPrefix("it may not read `ese-federation-check`") == true)
    try await cluster.server.heal()
    guard case .failure(.denied) = await (try cluster.store(token: "wrong")).check() else {
      Issue.record("a wrong token passes")
      return
    }
  }

  @Test("an API server that is away is unavailable, and asked again when it is back")
  func outage() async throws {
    let cluster = try await Cluster()
    try await cluster.put("app", ["a": Array("b".utf8)])
    let store = try cluster.store()
    try await cluster.server.stop()
    #expect(code(await read(store, "app", "a")) == .unavailable)
    try await cluster.server.start()
    #expect(await read(store, "app", "a") == .success(SecretBytes("b")))
  }
}
