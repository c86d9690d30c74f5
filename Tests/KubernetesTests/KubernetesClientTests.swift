import HTTPClient
import JSON
import Kubernetes
import Logging
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct KubernetesClientTests {
  private static let externalSecrets = ResourceType(
    group: "external-secrets.io", version: "v1", plural: "externalsecrets", kind: "ExternalSecret")

  private func secret(_ name: String, _ value: String = "dg==") -> KubernetesObject {
    KubernetesObject(
      .secrets, namespace: "default", name: name, labels: ["app": "web"], fields: ["data": ["key": .string(value)]])
  }

  /// What `body` throws, or nil when it succeeds.
  private func failure(_ body: () async throws(KubernetesError) -> Void) async -> KubernetesError? {
    do throws(KubernetesError) {
      try await body()
      return nil
    } catch { return error }
  }

  @Test("what is created can be read, replaced, patched and deleted")
  func lifecycle() async throws {
    let server = try await KubernetesAPIServer()
    let client = try server.client()
    let created = try await client.create(secret("db"), of: .secrets)
    #expect(!created.uid.isEmpty && !created.resourceVersion.isEmpty && created.labels == ["app": "web"])
    #expect(try await client.get(.secrets, namespace: "default", name: "db") == created)

    var changed = created
    changed["data"] = ["key": "dw=="]
    let replaced = try await client.replace(changed, of: .secrets)
    #expect(replaced.json["data"]?["key"] == "dw==" && replaced.resourceVersion != created.resourceVersion)
    let patched = try await client.patch(
      .secrets, namespace: "default", name: "db",
      mergePatch: ["data": ["key": nil, "other": "eA=="], "metadata": ["annotations": ["a": "b"]]])
    #expect(patched.json["data"] == ["other": "eA=="] && patched.annotations == ["a": "b"])

    try await client.delete(.secrets, namespace: "default", name: "db")
    let gone = await failure { () async throws(KubernetesError) in
      _ = try await client.get(.secrets, namespace: "default", name: "db")
    }
    #expect(gone?.kind == .notFound && gone?.message == "cannot get secrets default/db: not found")
  }

  @Test("the newest version that is served is found, and a patch names its manager")
  func versionsAndManager() async throws {
    let server = try await KubernetesAPIServer()
    let client = try server.client()
    let older = ResourceType(
      group: "external-secrets.io", version: "v1beta1", plural: "externalsecrets", kind: "ExternalSecret")
    var future = older
    future.version = "v2"
    #expect(try await client.firstServed(of: [future, Self.externalSecrets, older]) == Self.externalSecrets)
    #expect(try await client.firstServed(of: [future]) == nil)
    try await server.fail(verb: "list", status: 500)
    let failed = await failure { () async throws(KubernetesError) in
      _ = try await client.firstServed(of: [Self.externalSecrets, older])
    }
    #expect(failed?.kind == .unavailable)

    _ = try await client.create(secret("db"), of: .secrets)
    let patched = try await client.patch(
      .secrets, namespace: "default", name: "db", mergePatch: ["data": ["key": "dw=="]], manager: "a-test")
    let managers = patched.json["metadata"]?["managedFields"]?.array?.compactMap { $0["manager"]?.string }
    #expect(managers?.contains("a-test") == true)
  }

  @Test("a state that has changed is not overwritten, a name that is taken not created")
  func conflicts() async throws {
    let server = try await KubernetesAPIServer()
    let client = try server.client()
    let created = try await client.create(secret("db"), of: .secrets)
    var changed = created
    changed["data"] = ["key": "dw=="]
    _ = try await client.replace(changed, of: .secrets)
    let stale = await failure { () async throws(KubernetesError) in
      _ = try await client.replace(changed, of: .secrets)
    }
    #expect(stale?.kind == .conflict)
    let taken = await failure { () async throws(KubernetesError) in
      _ = try await client.create(secret("db"), of: .secrets)
    }
    #expect(taken?.kind == .alreadyExists)
    let other = await failure { () async throws(KubernetesError) in
      try await client.delete(.secrets, namespace: "default", name: "db", uid: "another")
    }
    #expect(other?.kind == .conflict)
  }

  @Test("status and spec are written apart, and only the spec counts for the generation")
  func status() async throws {
    let server = try await KubernetesAPIServer()
    let client = try server.client()
    let created = try await client.create(
      KubernetesObject(
        Self.externalSecrets, namespace: "default", name: "db",
        fields: ["spec": ["refreshInterval": "1h"], "status": ["refreshTime": "never"]]),
      of: Self.externalSecrets)
    #expect(created.generation == 1 && created["status"] == nil)
    var changed = created
    changed["status"] = ["refreshTime": "now"]
    changed["spec"] = ["refreshInterval": "2h"]
    let withStatus = try await client.replaceStatus(changed, of: Self.externalSecrets)
    #expect(withStatus["status"] == ["refreshTime": "now"] && withStatus["spec"] == ["refreshInterval": "1h"])
    #expect(withStatus.generation == 1)
    let patched = try await client.patch(
      Self.externalSecrets, namespace: "default", name: "db", mergePatch: ["spec": ["refreshInterval": "3h"]])
    #expect(patched.generation == 2 && patched["status"] == ["refreshTime": "now"])
  }

  @Test("a list of several pages is complete, also when its continuation expires halfway")
  func pages() async throws {
    let server = try await KubernetesAPIServer()
    let client = try server.client()
    for number in 0..<7 { _ = try await client.create(secret("s\(number)"), of: .secrets) }
    let first = try await client.page(of: .secrets, namespace: "default", limit: 3)
    #expect(first.objects.map(\.name) == ["s0", "s1", "s2"])
    #expect(first.objects.allSatisfy { $0.kind == "Secret" && $0.apiVersion == "v1" })
    // A list shows one moment: what comes after its first page is not on its last.
    _ = try await client.create(secret("s9"), of: .secrets)
    let second = try await client.page(
      of: .secrets, namespace: "default", limit: 10, continuation: try #require(first.continuation))
    #expect(second.objects.map(\.name) == ["s3", "s4", "s5", "s6"] && second.continuation == nil)
    #expect(second.resourceVersion == first.resourceVersion)

    let again = try await client.page(of: .secrets, namespace: "default", limit: 3)
    try await server.compact()
    let expired = await failure { () async throws(KubernetesError) in
      _ = try await client.page(of: .secrets, namespace: "default", continuation: again.continuation)
    }
    #expect(expired?.kind == .expired)
  }

  @Test("labels and names select")
  func selectors() async throws {
    let server = try await KubernetesAPIServer()
    let client = try server.client()
    _ = try await client.create(secret("a"), of: .secrets)
    _ = try await client.create(secret("b"), of: .secrets)
    func names(_ selector: ListSelector) async throws -> [String] {
      try await client.page(of: .secrets, selector: selector).objects.map(\.name)
    }
    #expect(try await names(.name("b")) == ["b"])
    #expect(try await names(ListSelector(labels: "app=web")) == ["a", "b"])
    #expect(try await names(ListSelector(labels: "app!=web")) == [])
  }

  @Test("the error of a missing permission names verb, resource and group")
  func forbidden() async throws {
    let server = try await KubernetesAPIServer()
    let client = try server.client()
    try await server.fail(verb: "list", resource: "leases", status: 403)
    let error = await failure { () async throws(KubernetesError) in
      _ = try await client.page(of: .leases, namespace: "apps")
    }
    #expect(error?.kind == .forbidden)
    #expect(
      error?.message.hasPrefix(
        "cannot list leases.coordination.k8s.io in namespace apps: forbidden; let a Role or ClusterRole of this account "
          + "allow the verb `list` on `leases` in API group `coordination.k8s.io`") == true)
  }

  @Test("a token that the server does not know is told so")
  func unauthorized() async throws {
    let server = try await KubernetesAPIServer()
    var configuration = server.configuration
    configuration.credentials = .none
    let client = try KubernetesClient(configuration, http: HTTPClient(log: Log(level: .error)))
    let error = await failure { () async throws(KubernetesError) in _ = try await client.page(of: .secrets) }
    #expect(error?.kind == .unauthorized)
  }

  @Test("a server that is busy is asked again when it says so")
  func retries() async throws {
    let server = try await KubernetesAPIServer()
    let client = try server.client()
    try await server.fail(verb: "create", resource: "secrets", status: 429, count: 1, retryAfter: 1)
    _ = try await client.create(secret("db"), of: .secrets)
    #expect(try await server.requests(for: "secrets").map(\.status) == [429, 201])
    try await server.fail(status: 500)
    let error = await failure { () async throws(KubernetesError) in _ = try await client.page(of: .secrets) }
    #expect(error?.kind == .unavailable && error?.isRetryable == true)
  }

  @Test("what is wrong with an object is told by field, and never a Secret's value")
  func invalid() async throws {
    let server = try await KubernetesAPIServer()
    let client = try server.client()
    let error = await failure { () async throws(KubernetesError) in
      _ = try await client.create(
        KubernetesObject(.secrets, namespace: "default", name: "db", fields: ["data": ["bad key": "aHVudGVyMg=="]]),
        of: .secrets)
    }
    #expect(error?.kind == .invalid)
    #expect(error?.causes.map(\.field) == ["data[bad key]"])
    #expect(error?.message.contains("hunter2") == false && error?.message.contains("aHVudGVyMg") == false)
  }

  @Test("a type without its definition is told as such")
  func unknownType() async throws {
    let server = try await KubernetesAPIServer()
    let client = try server.client()
    let type = ResourceType(group: "example.org", version: "v1", plural: "things", kind: "Thing")
    let error = await failure { () async throws(KubernetesError) in _ = try await client.page(of: type) }
    #expect(error?.kind == .notFound)
    #expect(error?.message.contains("install its CustomResourceDefinition") == true)
  }

  @Test("a client certificate proves who asks")
  func clientCertificate() async throws {
    let server = try await KubernetesAPIServer()
    let certificate = try server.authority.issue(hosts: ["admin"], ipAddresses: [], usage: "clientAuth", label: "admin")
    var configuration = server.configuration
    configuration.credentials = .none
    configuration.clientCertificate = ClientCertificate(
      certificates: certificate.certificatePEM, privateKey: certificate.keyPEM)
    let client = try KubernetesClient(configuration, http: HTTPClient(log: Log(level: .error)))
    #expect(try await client.page(of: .secrets).objects.isEmpty)
  }
}
