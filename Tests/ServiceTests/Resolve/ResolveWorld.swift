import FederationAPI
import Generators
import Identity
import Ledger
import Logging
import Resources
import SecretStores
import Synchronization
import TestSupport

@testable import Service

/// Handlers over a fake store, the local one, a store that cannot list, and a generator; account `app` may use all but
/// `denied`.
final class ResolveWorld: Sendable {
  static let generator = GeneratorReference(namespace: "default", kind: "Webhook", name: "database")

  let directory: TemporaryDirectory
  let ledger: FailingLedger
  let generator = RecordingGenerator()
  let issuance: Issuance
  let handlers: FederationHandlers
  private let key: TestSigningKey

  init() async throws {
    directory = try TemporaryDirectory()
    let log = Log(level: .error) { _ in }
    let database = try await LocalDatabase(directory: directory.path + "/local")
    for (name, value) in [
      ("app/db", "{\"user\":\"ada\",\"pass\":\"s3cret\"}"), ("app/cache", "redis"), ("other", "x"), ("bin", "a\0b"),
    ] { _ = try await database.put(store: "vault", key: name, value: SecretBytes(name == "other" ? "old" : value)) }
    _ = try await database.put(store: "vault", key: "other", value: SecretBytes("new"))
    ledger = FailingLedger(try await LedgerLocation.directory(directory.path).open())
    issuance = Issuance(ledger: ledger, log: log)
    let key = try TestSigningKey()
    self.key = key
    let manifests = Self.manifests
    let registry = StoreRegistry(stores: manifests.clusterSecretStores, local: database, log: log)
    var stores: [String: any SecretStore] = ["opaque": OpaqueStore(), "tagged": TaggedStore(), "hidden": TaggedStore()]
    for store in manifests.clusterSecretStores { stores[store.name] = registry[store.name] }
    let source = RecordingSource(generator: generator, names: [Self.generator])
    handlers = FederationHandlers(
      snapshot: ServiceSnapshot(generation: 1, manifests: manifests, stores: StoreRegistry(stores), generators: source),
      authenticator: Authenticator(client: StaticIssuers(keys: [key]), log: log), issuance: issuance, log: log)
  }

  func call(_ account: String = "app") throws -> CallContext {
    let claims = ServiceAccountClaims(issuer: MemoryWorld.issuer, serviceAccount: account)
    return CallContext(authorization: "Bearer \(try key.token(claims))", peer: "192.0.2.1:1000")
  }

  /// Asks for one ExternalSecret, whose default store is `fake`.
  func resolve(
    data: String = "", dataFrom: String = "", store: String = "fake", account: String = "app"
  ) async throws -> Result<[String: String], RPCError> {
    let request = ResolveExternalSecretRequest(store: store, data: Array(data.utf8), dataFrom: Array(dataFrom.utf8))
    return await handlers.resolveExternalSecret(request, try call(account)).result().map { values in
      values.mapValues { $0.text ?? "(not UTF-8)" }
    }
  }

  private static var manifests: Manifests {
    let here = Resources.SourceLocation(file: "t.yaml", line: 1)
    let fake: [(String, String, String?)] = [
      ("db", "hunter2", nil), ("b64", "aHVudGVyMg==", nil), ("b64url", "Pz8_", nil), ("versioned", "one", "v1"),
      ("versioned", "two", "v2"), ("path/to/my/secrets/username", "ada", nil),
      ("path/to/my/secrets/password", "s3cret", nil), ("doc", document, nil), ("list", "[1]", nil),
      ("dev", "{\"password\":\"bar\"}", nil), ("prod", "{\"password\":\"safebar\"}", nil),
      ("odd", "{\"foo/bar\":\"1111\",\"foo$baz\":\"2222\"}", nil), ("clash", "{\"a/b\":\"1\",\"a b\":\"2\"}", nil),
      ("encoded", "{\"user\":\"YWRh\"}", nil), ("accent", "{\"\u{E9}\":\"1\"}", nil),
      ("parts", "{\"one\":\"{\\\"a\\\":1,\\\"b\\\":\\\"x\\\"}\",\"two\":\"{\\\"b\\\":null,\\\"c\\\":[1, 2]}\"}", nil),
    ]
    return Manifests(
      kubernetesFederations: [KubernetesFederation(name: "a", url: "https://a.test", location: here)],
      authorizations: [
        Authorization(
          name: "app", federationRef: FederationReference(kind: "KubernetesFederation", name: "a"),
          subject: .oidc(issuer: MemoryWorld.issuer, subject: "system:serviceaccount:apps:app"),
          allowedClusterSecretStores: ["fake", "vault", "opaque", "ghost", "tagged"], allowedGenerators: [generator],
          location: here)
      ],
      clusterSecretStores: [
        ClusterSecretStore(
          name: "fake",
          provider: .fake(fake.map { FakeSecret(key: $0.0, value: SecretBytes($0.1), version: $0.2) }), location: here),
        ClusterSecretStore(name: "vault", provider: .local, location: here),
        ClusterSecretStore(
          name: "denied", provider: .fake([FakeSecret(key: "db", value: SecretBytes("no"))]), location: here),
      ])
  }

  private static let document = """
    {"user": "ada", "port": 5432, "tls": true, "none": null, "tags": ["a", "b"], "big": 12345678901234567890,
     "user": "last"}
    """
}

/// A store whose keys have tags, which are their names' parts: `env=prod,team=a`.
private struct TaggedStore: SecretStore {
  private static let keys = ["env=prod,team=a", "env=prod,team=b", "env=prod", "env=dev,team=a"]

  func read(_ reference: SecretReference) -> Reply<SecretBytes> { .ready(.success(SecretBytes(reference.key))) }

  var hasTags: Bool { true }

  func list(_ store: String) -> Reply<[SecretReference]> { list(store, TagFilter()) }

  func list(_ store: String, _ filter: TagFilter) -> Reply<[SecretReference]> {
    let keys = Self.keys.filter { key in
      filter.isMet(
        by: key.split(separator: ",").map { tag in
          SecretTag(key: String(tag.prefix { $0 != "=" }), value: String(tag.drop { $0 != "=" }.dropFirst()))
        })
    }
    return .ready(.success(keys.map { SecretReference(store: store, key: $0) }))
  }
}

/// A store that cannot list its keys.
private struct OpaqueStore: SecretStore {
  func read(_ reference: SecretReference) -> Reply<SecretBytes> { .ready(.success(SecretBytes("opaque"))) }
}
