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
    let length = ProcessInfo.processInfo.environment["OUTAGE_SECONDS"].flatMap(Double.init)
    let outage = length ?? 3
    let (rate, refresh, rounds) = (500.0, 0.5, 2)
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
    #expect(await load([brief], seconds: 0.2, rate: 250)[0].unavailable == 0)

    var (quiet, during) = (Tally(), Tally())
    var (marked, attempts, attemptsBefore, recovery) = (0, 0, 0, 0.0)
    // Quiet and outage take turns, for the same time and under the same load, so that what else the machine does meets
    // both. Each is led in by a load that isn't counted: after a pause every value of both stores is past its time.
    for round in 1...rounds {
      _ = await load(stores, seconds: refresh * 2, rate: rate)
      let asked = try #require(all["failing"]).backendRequests
      let before = await load(stores, seconds: outage / Double(rounds), rate: rate)
      #expect(before.allSatisfy { $0.right == $0.milliseconds.count && $0.marked == 0 })
      quiet.milliseconds += before[1].milliseconds

      let askedBefore = try #require(all["failing"]).backendRequests
      attemptsBefore += askedBefore - asked
      await failing.server.stop()
      let first = await load(stores, seconds: refresh * 2, rate: rate)
      #expect(first.allSatisfy { $0.right == $0.milliseconds.count })
      let tallies = await load(stores, seconds: outage / Double(rounds), rate: rate)
      #expect(tallies[0].right == tallies[0].milliseconds.count && tallies[0].other.isEmpty)
      #expect(tallies[0].marked == tallies[0].right)
      #expect(tallies[1].right == tallies[1].milliseconds.count && tallies[1].marked == 0)
      during.milliseconds += tallies[1].milliseconds
      marked += tallies[0].marked
      if round == rounds {
        let late = await load([brief], seconds: 0.5, rate: 250)[0]
        #expect(late.unavailable == late.milliseconds.count)
      }

      try failing.server.start()
      let back = ContinuousClock.now
      while await ReadOnce(stores[0]).isMarked { try await Task.sleep(for: .milliseconds(20)) }
      recovery = max(recovery, (ContinuousClock.now - back) / .seconds(1))
      attempts += try #require(all["failing"]).backendRequests - askedBefore
    }
    let ratio = during.p99 / max(quiet.p99, 0.001)
    print(
      "outage: \(Int(outage)) s at \(Int(rate)) requests/s: \(marked) answers right and marked; backend asked "
        + "\(attempts) times meanwhile, \(attemptsBefore) times in as much time before; recovery in \(recovery) s; p99 of "
        + "the other store \(during.p99) ms, in the quiet between \(quiet.p99) ms, ratio \(ratio)")
    // A probe every two seconds at most, and those that were on their way when it went down.
    #expect(attempts < (Int(outage * 4) + 200) * rounds)
    // The bounds are for a quiet machine: 1.5 and 5 s.
    if length != nil { #expect(ratio <= 1.5) }
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
