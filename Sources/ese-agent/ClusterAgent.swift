import HTTPClient
import Kubernetes
import Logging
import Reconciler
import Synchronization

/// Why an agent cannot work with its cluster.
struct ClusterFault: Error, CustomStringConvertible {
  let description: String
}

/// The agent of a cluster, which may be one of several of which one leads.
final class ClusterAgent: Sendable {
  private struct State {
    var isStopped = false
    /// Of the term that is under way.
    var reconciler: Reconciler?
    var run: Task<Void, Never>?
  }

  private static let leaseName = "ese-agent"

  private let client: KubernetesClient
  private let mode: AgentOptions.KubernetesMode
  private let options: Reconciler.Options
  private let log: Log
  private let elector: LeaderElector?
  private let state = Mutex(State())

  /// Finds the cluster. Nothing is asked of it yet.
  init(_ mode: AgentOptions.KubernetesMode, _ options: Reconciler.Options, _ log: Log) throws(ClusterFault) {
    self.mode = mode
    self.options = options
    self.log = log
    let configuration: KubernetesConfiguration
    do throws(ConfigurationFault) {
      configuration = try .ofProcess(kubeconfig: mode.cluster.kubeconfig, context: mode.cluster.context)
    } catch {
      throw ClusterFault(description: error.description)
    }
    do throws(HTTPClientError) {
      client = KubernetesClient(configuration, http: try HTTPClient(log: log))
    } catch {
      throw ClusterFault(description: error.message)
    }
    elector =
      mode.electsLeader
      ? LeaderElector(
        client, namespace: mode.cluster.namespace ?? configuration.namespace, name: Self.leaseName,
        identity: LeaderElector.uniqueIdentity(), log: log) : nil
  }

  /// Works until ``stop()``: at once, or whenever it leads.
  func run(whenSettled: @escaping @Sendable () -> Void) async {
    let task = Task { [self] in
      if let elector {
        await elector.run { await self.term(whenSettled) }
      } else {
        await term(whenSettled)
      }
    }
    state.withLock { state in
      state.run = task
      if state.isStopped { task.cancel() }
    }
    await task.value
  }

  /// Finishes what is being worked on; a program that waits to lead ends at once.
  func stop() async {
    let (reconciler, task) = state.withLock { state in
      state.isStopped = true
      return (state.reconciler, state.run)
    }
    guard let reconciler else {
      task?.cancel()
      return
    }
    await reconciler.stop()
  }

  /// One time of leading: what was known before is read anew.
  private func term(_ whenSettled: @escaping @Sendable () -> Void) async {
    let source = KubernetesSource(
      client, namespace: mode.cluster.namespace, ownIdentityServers: mode.ownIdentityServers,
      events: EventRecorder(client, component: "ese-agent", log: log), log: log)
    let reconciler = Reconciler(source: source, target: KubernetesTarget(client), options: options, log: log)
    let mayRun = state.withLock { state in
      if !state.isStopped { state.reconciler = reconciler }
      return !state.isStopped
    }
    guard mayRun else { return }
    defer { state.withLock { $0.reconciler = nil } }
    await withTaskGroup { group in
      let (synced, signal) = AsyncStream<Void>.makeStream()
      group.addTask { await source.run { signal.finish() } }
      group.addTask {
        for await _ in synced {}
        await reconciler.run(whenSettled: whenSettled)
      }
      // The source goes on until it is cancelled.
      await group.next()
      group.cancelAll()
    }
  }
}
