import FederationAPI
import HTTPClient
import Logging
import Resources
import Synchronization
import TestSupport
import Testing

@testable import Providers

@Suite(.timeLimit(.minutes(1))) struct RemoteStoresTests {
  /// Answers `v` and the number of the request, with the status that it is told.
  private final class Backend: HTTPSending {
    let status = Mutex(200)
    let asked = Mutex<[HTTPRequest]>([])

    func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
      let count = asked.withLock { asked in
        asked.append(request)
        return asked.count
      }
      return HTTPResponse(status: status.withLock { $0 }, body: Array("v\(count)".utf8))
    }

    var count: Int { asked.withLock { $0.count } }
  }

  private func manifests(refresh: String = "0s", stale: String = "1h", more: String = "") throws -> Manifests {
    let directory = try TemporaryDirectory()
    try directory.write(
      """
      apiVersion: external-secrets.io/v1
      kind: ClusterSecretStore
      metadata:
        name: hook
        annotations: {federation.external-secrets.io/refresh: \(refresh), federation.external-secrets.io/max-stale: \(stale)}
      spec:
        provider:
          webhook: {url: "https://hooks.example/{{ .remoteRef.key }}"\(more)}
      """, to: "store.yaml")
    let (manifests, diagnostics) = ManifestLoader.load(directory: directory.path)
    if let error = diagnostics.first(where: \.isError) { throw TestSupportError("\(error)") }
    return manifests
  }

  @Test("other times for a store's values take none of them away, nor its login and its breaker")
  func otherTimes() async throws {
    let backend = Backend()
    let stores = RemoteStores(client: backend, log: Log(level: .error))
    let store = try #require(stores.stores(of: manifests(refresh: "1h"))["hook"])
    #expect(await store.text("a") == .success("v1"))
    #expect(try stores.stores(of: manifests(refresh: "2h", stale: "0s"))["hook"] === store)
    #expect(await store.text("a") == .success("v1"))
    #expect(try stores.stores(of: manifests(refresh: "0s", stale: "1h"))["hook"] === store)
    #expect(await store.text("a") == .success("v2"))
    backend.status.withLock { $0 = 503 }
    #expect(await store.text("a") == .success("v2"))
    #expect(try stores.stores(of: manifests(refresh: "0s", stale: "0s"))["hook"] === store)
    #expect(await store.code("a") == .unavailable)
    // Another backend's values are others.
    #expect(try stores.stores(of: manifests(more: ", method: POST"))["hook"] !== store)
  }

  @Test("a webhook that redirects is refused only where there is no older value")
  func redirect() async throws {
    let backend = Backend()
    let stores = RemoteStores(client: backend, log: Log(level: .error))
    let store = try #require(stores.stores(of: manifests())["hook"])
    #expect(await store.text("a") == .success("v1"))
    for status in [302, 307] {
      backend.status.withLock { $0 = status }
      #expect(await store.text("a") == .success("v1"))
      #expect(await store.code("b") == .dataLoss)
    }
    #expect(store.staleCount == 2 && !store.measures.isDown)
  }

  @Test("a webhook has the time that its manifest gives it", arguments: [("30s", 30.0), ("5s", 5), ("60s", 60)])
  func timeout(_ text: String, _ seconds: Double) async throws {
    let backend = Backend()
    let stores = RemoteStores(client: backend, log: Log(level: .error))
    let store = try #require(stores.stores(of: manifests(more: ", timeout: \(text)"))["hook"])
    #expect(await store.text("a") == .success("v1"))
    let given = try #require(backend.asked.withLock { $0.first?.timeoutSeconds })
    #expect(given > seconds * 0.5 && given <= seconds)
  }
}
