import HTTPClient
import Kubernetes
import Logging
import Resources
import Synchronization

/// The manifests of a cluster, from a server's start to its end.
final class ClusterFeed: Sendable {
  private let source: ClusterSource
  private let states: AsyncStream<ClusterState>
  private let task: Task<Void, Never>
  private let http: HTTPClient
  /// The objects that were left out of the last state.
  let refused = RefusedObjects()
  /// The first state's, 0 before there is one.
  private let firstRevision = Atomic<UInt64>(0)

  /// Begins to read the cluster, for a server with that `backing`.
  init(
    _ options: ClusterOptions, at found: KubernetesConfiguration, _ configuration: ServerConfiguration,
    _ backing: Backing, _ log: Log
  ) throws(ServerStartError) {
    do throws(HTTPClientError) { http = try HTTPClient(log: log) } catch { throw .setup(error.message) }
    let api = KubernetesClusterAPI(
      KubernetesClient(found, http: http), leaseNamespace: options.namespace ?? found.namespace, log: log)
    let source = ClusterSource(
      api, backing.facts(configuration, log), namespace: options.namespace, refused: refused, log: log)
    // A state that nobody has taken yet is nothing to a newer one.
    let (states, sink) = AsyncStream<ClusterState>.makeStream(bufferingPolicy: .bufferingNewest(1))
    self.source = source
    self.states = states
    task = Task {
      await source.run { sink.yield($0) }
      sink.finish()
    }
  }

  /// Waits until everything that there is has been read. Throws ``ServerStartError/interrupted`` when the task is
  /// cancelled first.
  func first() async throws(ServerStartError) -> Manifests {
    for await state in states {
      firstRevision.store(state.revision, ordering: .relaxed)
      return state.manifests
    }
    throw .interrupted
  }

  /// Gives each further state to `use`, until the feed is stopped. To be called when the first is in use.
  func follow(_ use: (Manifests) -> Void) async {
    await source.note(served: firstRevision.load(ordering: .relaxed))
    for await state in states {
      use(state.manifests)
      await source.note(served: state.revision)
    }
  }

  /// Ends reading; another server may lead then.
  func stop() async {
    task.cancel()
    await task.value
    http.close()
  }
}

extension ManifestOrigin {
  /// Where the cluster's API is, nil for files.
  func api() throws(ServerStartError) -> KubernetesConfiguration? {
    guard case .cluster(let options) = self else { return nil }
    do throws(ConfigurationFault) {
      return try .ofProcess(kubeconfig: options.kubeconfig, context: options.context)
    } catch {
      throw .setup("\(error)")
    }
  }
}

extension Backing {
  /// What the objects of a cluster are held against.
  fileprivate func facts(_ configuration: ServerConfiguration, _ log: Log) -> ServerFacts {
    var facts = ServerFacts()
    facts.unmet = { Self.unmet($0, configuration) }
    facts.unserved = { Self.unserved($0, configuration) }
    if let issuance {
      let ledger = SecretLedger(issuance.ledger, log: log)
      facts.issuedSecrets = { await ledger.names() }
    }
    facts.check = { [remote] name in
      guard let store = remote.store(name) else { return .noStore }
      switch await store.check() {
      case .success: return .passed
      case .failure(let error): return .failed(reason: error.reason)
      }
    }
    return facts
  }
}
