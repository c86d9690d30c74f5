import HTTPClient
import Kubernetes
import Logging
import Resources

/// The manifests of a cluster, from a server's start to its end.
final class ClusterFeed: Sendable {
  private let states: AsyncStream<Manifests>
  private let task: Task<Void, Never>
  private let http: HTTPClient
  /// The objects that were left out of the last state.
  let refused = RefusedObjects()

  /// Finds the cluster and begins to read it.
  init(_ options: ClusterOptions, _ configuration: ServerConfiguration, _ log: Log) throws(ServerStartError) {
    let found: KubernetesConfiguration
    do throws(ConfigurationFault) {
      found = try .ofProcess(kubeconfig: options.kubeconfig, context: options.context)
    } catch {
      throw .setup("\(error)")
    }
    do throws(HTTPClientError) { http = try HTTPClient(log: log) } catch { throw .setup(error.message) }
    let api = KubernetesClusterAPI(
      KubernetesClient(found, http: http), leaseNamespace: options.namespace ?? found.namespace, log: log)
    let source = ClusterSource(api, namespace: options.namespace, refused: refused, log: log) {
      Backing.unmet($0, configuration)
    }
    // A state that nobody has taken yet is nothing to a newer one.
    let (states, sink) = AsyncStream<Manifests>.makeStream(bufferingPolicy: .bufferingNewest(1))
    self.states = states
    task = Task {
      await source.run { sink.yield($0) }
      sink.finish()
    }
  }

  /// Waits until everything that there is has been read. Throws ``ServerStartError/interrupted`` when the task is
  /// cancelled first.
  func first() async throws(ServerStartError) -> Manifests {
    for await manifests in states { return manifests }
    throw .interrupted
  }

  /// Gives each further state to `use`, until the feed is stopped.
  func follow(_ use: (Manifests) -> Void) async {
    for await manifests in states { use(manifests) }
  }

  /// Ends reading; another server may lead then.
  func stop() async {
    task.cancel()
    await task.value
    http.close()
  }
}
