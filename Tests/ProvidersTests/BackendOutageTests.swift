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
    /// When the read began that was the last to have a value.
    var lastRight: ContinuousClock.Instant?
    /// When the first refusal came.
    var firstUnavailable: ContinuousClock.Instant?

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

  /// Reads keys of all stores in turn, `rate` a second of each, for `seconds`, each read in a task of its own.
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
            SecretReference(store: "s", key: key, property: "v"), freshness, for: nil
          ).result()
          tallies[index].note(result, isMarked: freshness.staleSeconds != nil, since: began)
        }
        count += 1
        try? await Task.sleep(until: start + .seconds(Double(count) / rate / Double(stores.count)))
      }
    }
    return tallies.map(\.tally)
  }

  private final class Shared: Sendable {
    private let state = Mutex(Tally())
    var tally: Tally { state.withLock { $0 } }
    func note(_ result: Result<SecretBytes, RPCError>, isMarked: Bool, since began: ContinuousClock.Instant) {
      let now = ContinuousClock.now
      state.withLock { state in
        switch result {
        case .success(let value) where value.text == "value":
          state.right += 1
          if isMarked { state.marked += 1 }
          state.lastRight = max(state.lastRight ?? began, began)
        case .success: state.other.append("a wrong value")
        case .failure(let error) where error.code == .unavailable:
          state.unavailable += 1
          state.firstUnavailable = min(state.firstUnavailable ?? now, now)
        case .failure(let error): state.other.append(error.description)
        }
        state.milliseconds.append((now - began) / .milliseconds(1))
      }
    }
  }

  @Test("within maxStale every answer is right and marked, after it UNAVAILABLE; the other store notices nothing")
  func outage() async throws {
    let length = ProcessInfo.processInfo.environment["OUTAGE_SECONDS"].flatMap(Double.init)
    let outage = length ?? 3
    let (rate, refresh, maximumStale) = (500.0, 0.5, outage / 2)
    let (failing, healthy) = (try Backend(), try Backend())
    // A busy machine is no outage.
    var settings = BackendSettings()
    settings.timeoutSeconds = 60
    settings.patienceSeconds = 60
    let remote = RemoteStores(client: client, settings: settings, log: Log(level: .error))
    let manifests = Manifests(clusterSecretStores: [
      try store("failing", failing, CachePolicy(refreshSeconds: refresh, maximumStaleSeconds: 3_600)),
      try store("brief", failing, CachePolicy(refreshSeconds: refresh, maximumStaleSeconds: maximumStale)),
      try store("healthy", healthy, CachePolicy(refreshSeconds: refresh, maximumStaleSeconds: 3_600)),
    ])
    let all = remote.stores(of: manifests)
    let stores = try ["failing", "brief", "healthy"].map { try #require(all[$0]) }
    func requests() -> Int { stores[0].backendRequests + stores[1].backendRequests }

    // Led in by a load that isn't counted: it fetches every key.
    _ = await load(stores, seconds: refresh * 2, rate: rate)
    let askedAtFirst = requests()
    let quiet = await load(stores, seconds: outage, rate: rate)
    for tally in quiet { #expect(tally.right == tally.milliseconds.count && tally.marked == 0) }

    let askedBefore = requests()
    let lastFetch = ContinuousClock.now
    await failing.server.stop()
    let down = ContinuousClock.now
    // What is fresh yet needs no mark.
    let first = await load(stores, seconds: refresh * 2, rate: rate)
    for tally in first { #expect(tally.right == tally.milliseconds.count) }
    let during = await load(stores, seconds: outage, rate: rate)
    #expect(during[0].right == during[0].milliseconds.count && during[0].marked == during[0].right)
    #expect(during[2].right == during[2].milliseconds.count && during[2].marked == 0)
    // The store of little patience: right and marked until its time is over, then UNAVAILABLE and nothing else.
    let brief = during[1]
    #expect(brief.other.isEmpty && brief.marked == brief.right)
    #expect(brief.right + brief.unavailable == brief.milliseconds.count)
    let (lastRight, firstUnavailable) = (try #require(brief.lastRight), try #require(brief.firstUnavailable))
    // Values are `refresh` old at most when the backend goes, and 0.5 s are a busy machine's.
    #expect(lastRight <= down + .seconds(refresh + maximumStale + 0.5))
    #expect(firstUnavailable >= lastFetch + .seconds(maximumStale - refresh - 0.5))

    let asked = requests() - askedBefore
    try failing.server.start()
    let back = ContinuousClock.now
    for store in stores {
      while await ReadOnce(store).isMarked { try await Task.sleep(for: .milliseconds(20)) }
    }
    let recovery = (ContinuousClock.now - back) / .seconds(1)
    let ratio = during[2].p99 / max(quiet[2].p99, 0.001)
    print(
      "outage: \(Int(outage)) s at \(Int(rate)) requests/s of each of three stores: \(during[0].marked) answers right and "
        + "marked; with maxStale \(maximumStale) s \(brief.marked), then \(brief.unavailable) UNAVAILABLE; backend asked "
        + "\(asked) times meanwhile, \(askedBefore - askedAtFirst) times in as much time before; recovery in \(recovery) s; "
        + "p99 of the other store \(during[2].p99) ms, before \(quiet[2].p99) ms, ratio \(ratio)")
    // A probe of each store every two seconds at most, and those that were on their way when it went down.
    #expect(asked < 2 * (Int((outage + refresh * 2) * 4) + 200))
    // The bounds are for a quiet machine: 1.5 and 5 s.
    if length != nil { #expect(ratio <= 1.5) }
    #expect(recovery < (length == nil ? 30 : 5))
    await failing.server.stop()
    await healthy.server.stop()
  }

  private struct ReadOnce {
    let isMarked: Bool

    init(_ store: any SecretStore) async {
      let freshness = ReadFreshness()
      let reference = SecretReference(store: "s", key: "key-0", property: "v")
      let result = await store.read(reference, freshness, for: nil).result()
      isMarked = (try? result.get()) == nil || freshness.staleSeconds != nil
    }
  }
}
