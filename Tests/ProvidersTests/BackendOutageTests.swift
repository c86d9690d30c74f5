import FederationAPI
import Foundation
import HTTP1
import HTTPClient
import Logging
import Providers
import Resources
import SecretStores
import Synchronization
import TestSupport
import Testing

/// A backend that goes away under load. `OUTAGE_SECONDS=60` is the long form; the short one shows the same.
@Suite(.timeLimit(.minutes(5))) struct BackendOutageTests {
  private static let keys = 50

  /// What came of the reads of one phase.
  private struct Tally: Sendable {
    var right = 0
    var marked = 0
    var unavailable = 0
    var other: [String] = []
    var milliseconds: [Double] = []

    var p99: Double { milliseconds.sorted()[max(0, milliseconds.count * 99 / 100 - 1)] }
  }

  /// A KV v2 engine whose every secret holds `value`.
  private struct Backend {
    let server: HTTPSServer

    init() throws {
      server = try HTTPSServer { _ in
        let body = #"{"data":{"data":{"v":"value"},"metadata":{"version":1}}}"#
        return HTTPServerResponse(status: 200, body: .plain(Array(body.utf8)))
      }
    }
  }

  private let client: HTTPClient

  init() throws { client = try HTTPClient(log: Log(level: .error)) }

  private func store(_ name: String, _ backend: Backend, _ policy: CachePolicy) throws -> ClusterSecretStore {
    let authority = try #require(backend.server.authority)
    let vault = VaultSpec(
      server: try #require(BackendURL(backend.server.url)), trust: .bundle(authority.certificatePEM),
      authentication: .token(.environment("PATH")))
    return ClusterSecretStore(
      name: name, provider: .remote(.vault(VaultStoreSpec(vault: vault, mount: "secret", version: .v2))),
      caching: policy, location: SourceLocation(file: "test", line: 1))
  }

  /// Reads keys of both stores in turn, `rate` a second in all, for `seconds`, each in a task of its own.
  private func load(_ stores: [any SecretStore], seconds: Double, rate: Double) async -> [Tally] {
    let tallies = stores.map { _ in Shared() }
    let start = ContinuousClock.now
    await withTaskGroup(of: Void.self) { group in
      var count = 0
      while ContinuousClock.now < start + .seconds(seconds) {
        let index = count % stores.count
        let key = "key-\(count / stores.count % Self.keys)"
        group.addTask {
          let freshness = ReadFreshness()
          let began = ContinuousClock.now
          let result = await stores[index].read(
            SecretReference(store: "s", key: key, property: "v"), freshness
          ).result()
          let took = (ContinuousClock.now - began) / .milliseconds(1)
          tallies[index].note(result, isMarked: freshness.staleSeconds != nil, took)
        }
        count += 1
        try? await Task.sleep(until: start + .seconds(Double(count) / rate))
      }
    }
    return tallies.map(\.tally)
  }

  private final class Shared: Sendable {
    private let state = Mutex(Tally())
    var tally: Tally { state.withLock { $0 } }
    func note(_ result: Result<SecretBytes, RPCError>, isMarked: Bool, _ milliseconds: Double) {
      state.withLock { state in
        switch result {
        case .success(let value) where value.text == "value":
          state.right += 1
          if isMarked { state.marked += 1 }
        case .success: state.other.append("a wrong value")
        case .failure(let error) where error.code == .unavailable: state.unavailable += 1
        case .failure(let error): state.other.append(error.description)
        }
        state.milliseconds.append(milliseconds)
      }
    }
  }

  @Test("within maxStale every answer is right and marked, after it UNAVAILABLE; the other store notices nothing")
  func outage() async throws {
    let outage = Double(ProcessInfo.processInfo.environment["OUTAGE_SECONDS"] ?? "") ?? 3
    let (rate, refresh) = (500.0, 0.5)
    let (failing, healthy) = (try Backend(), try Backend())
    // A busy machine is no outage.
    var settings = BackendSettings()
    settings.timeoutSeconds = 60
    settings.hurriedTimeoutSeconds = 60
    let remote = RemoteStores(client: client, settings: settings, log: Log(level: .error))
    let manifests = Manifests(clusterSecretStores: [
      try store("failing", failing, CachePolicy(refreshSeconds: refresh, maximumStaleSeconds: 3_600)),
      try store("healthy", healthy, CachePolicy(refreshSeconds: refresh, maximumStaleSeconds: 3_600)),
      try store("brief", failing, CachePolicy(refreshSeconds: refresh, maximumStaleSeconds: 0)),
    ])
    let all = remote.stores(of: manifests)
    let stores: [any SecretStore] = [try #require(all["failing"]), try #require(all["healthy"])]
    let brief = try #require(all["brief"])

    for store in stores + [brief] {
      for key in 0..<Self.keys {
        _ = try await store.read(SecretReference(store: "s", key: "key-\(key)", property: "v")).result().get()
      }
    }
    let before = await load(stores, seconds: 1, rate: rate)
    #expect(before.allSatisfy { $0.right == $0.milliseconds.count && $0.marked == 0 })
    #expect(await load([brief], seconds: 0.2, rate: 250)[0].unavailable == 0)

    let askedBefore = try #require(all["failing"]).backendRequests
    await failing.server.stop()
    try await Task.sleep(for: .seconds(refresh))
    let during = await load(stores, seconds: outage, rate: rate)
    #expect(during[0].right == during[0].milliseconds.count && during[0].other.isEmpty)
    #expect(during[0].marked == during[0].right)
    #expect(during[1].right == during[1].milliseconds.count && during[1].marked == 0)
    let late = await load([brief], seconds: 0.5, rate: 250)[0]
    #expect(late.unavailable == late.milliseconds.count)

    try failing.server.start()
    let back = ContinuousClock.now
    while await ReadOnce(stores[0]).isMarked { try await Task.sleep(for: .milliseconds(20)) }
    let recovery = (ContinuousClock.now - back) / .seconds(1)
    let attempts = try #require(all["failing"]).backendRequests
    print(
      "outage: \(Int(outage)) s at \(Int(rate)) requests/s: \(during[0].right) answers right and marked; backend asked "
        + "\(attempts - askedBefore) times meanwhile, \(askedBefore) times in the second before; recovery in "
        + "\(recovery) s; p99 of the other store "
        + "\(during[1].p99) ms, before \(before[1].p99) ms, ratio \(during[1].p99 / max(before[1].p99, 0.001))")
    // A probe every two seconds at most, and those that were on their way when it went down.
    #expect(attempts - askedBefore < Int(outage * 4) + 200)
    // 5 s on a quiet machine, which the line above shows.
    #expect(recovery < 30)
    await failing.server.stop()
    await healthy.server.stop()
  }

  private struct ReadOnce {
    let isMarked: Bool

    init(_ store: any SecretStore) async {
      let freshness = ReadFreshness()
      let result = await store.read(SecretReference(store: "s", key: "key-0", property: "v"), freshness).result()
      isMarked = (try? result.get()) == nil || freshness.staleSeconds != nil
    }
  }
}
