import Resources
import FederationAPI
import FederationClient
import Logging
import Synchronization

/// Keeps the targets of ExternalSecrets as they should be: on each change of a resource, after each refresh interval, and
/// again and again after failures.
///
/// Each ExternalSecret is worked on by one worker at a time. While its server is away, the last good Secret stays.
public final class Reconciler: Sendable {
  /// How an agent works.
  public struct Options: Sendable {
    /// ExternalSecrets that are worked on at once.
    public var workers: Int
    /// What refresh intervals are multiplied by at random, so that what started together does not come together for ever.
    public var jitter: ClosedRange<Double>
    /// Seconds before a failed ExternalSecret is tried again, doubled with each failure, up to five minutes.
    public var firstBackoffSeconds: Double

    /// The usual.
    public init(workers: Int = 8, jitter: ClosedRange<Double> = 1...1.1, firstBackoffSeconds: Double = 1) {
      self.workers = workers
      self.jitter = jitter
      self.firstBackoffSeconds = firstBackoffSeconds
    }
  }

  private let source: any ResourceSource
  private let target: any SecretTarget
  private let options: Options
  private let log: Log
  private let connections: FederationConnections
  private let queue: WorkQueue<ResourceName>
  /// What was asked to be fetched whether or not it is time.
  private let forced = Mutex<Set<ResourceName>>([])
  /// The longest time that new ExternalSecrets wait to be watched together.
  private static let gatherSeconds = 1.0

  /// Makes a reconciler; nothing happens before ``run()``.
  public init(source: any ResourceSource, target: any SecretTarget, options: Options = Options(), log: Log) {
    self.source = source
    self.target = target
    self.options = options
    self.log = log
    connections = FederationConnections(source, log: log)
    queue = WorkQueue(backoff: .init(first: options.firstBackoffSeconds))
  }

  /// Reconciles until ``stop()``, or its task is cancelled. `whenSettled` is called once, when every ExternalSecret that
  /// was there at the start has been tried.
  public func run(whenSettled: @escaping @Sendable () -> Void = {}) async {
    let changes = source.changes()
    let watches = SecretWatches(log: log) { [weak self] names in await self?.force(names) }
    await withTaskGroup { group in
      group.addTask { await watches.run { await self.queue.idle(atMostSeconds: Self.gatherSeconds) } }
      group.addTask {
        for await change in changes { await self.enqueue(change) }
      }
      await enqueue(.everything)
      for _ in 0..<options.workers { group.addTask { await self.work(watches) } }
      group.addTask {
        await self.queue.idle()
        whenSettled()
      }
      await withTaskCancellationHandler {
        await queue.closed()
      } onCancel: {
        Task { await self.queue.close() }
      }
      group.cancelAll()
    }
    await connections.close()
  }

  /// Ends ``run()`` once what is worked on has been finished.
  public func stop() async { await queue.close() }

  /// Fetches every ExternalSecret's values once, unless its policy says that they are not to be fetched again. Gives the
  /// names of those that failed.
  public func runOnce() async -> [ResourceName] {
    // What is gone goes first: what it owned is free then.
    var gone: [ResourceName] = []
    var present: [ResourceName] = []
    for name in await everyName() {
      if await source.externalSecret(name) == nil { gone.append(name) } else { present.append(name) }
    }
    let failed = await runOnce(gone) + (await runOnce(present))
    await connections.close()
    return failed.sorted()
  }

  private func runOnce(_ names: [ResourceName]) async -> [ResourceName] {
    let reconciliation = reconciliation
    let outcomes = await names.concurrentMap(atMost: options.workers) { name in
      switch await reconciliation.run(name, isForced: true) {
      case .done, .cleaned: true
      case .failed, .refused: false
      }
    }
    // Without an outcome are those that nobody had the time for.
    return zip(names, outcomes).filter { !$1 }.map(\.0) + names.dropFirst(outcomes.count)
  }

  private var reconciliation: Reconciliation {
    Reconciliation(source: source, target: target, connections: connections, log: log)
  }

  private func everyName() async -> [ResourceName] {
    Set(await source.externalSecretNames()).union(await target.owners()).sorted()
  }

  private func enqueue(_ change: ResourceChange) async {
    switch change {
    case .externalSecret(let name): await queue.add(name)
    case .store, .everything:
      for name in await everyName() { await queue.add(name) }
    }
  }

  /// Has `names` fetched now: what they name has changed.
  private func force(_ names: Set<ResourceName>) async {
    forced.withLock { $0.formUnion(names) }
    for name in names { await queue.add(name) }
  }

  /// Says what the ExternalSecret is to be told of.
  private func observe(_ name: ResourceName, _ watches: SecretWatches) async {
    guard let sourced = await source.externalSecret(name), !sourced.isDeleting,
      let resource = try? sourced.resource.get(),
      let store = try? await source.store(ResourceName(namespace: name.namespace, name: resource.store)),
      let client = try? await connections.client(for: store)
    else { return await watches.remove(name) }
    await watches.set(name, client, resource.watchedReferences(store: store.store))
  }

  private func work(_ watches: SecretWatches) async {
    let reconciliation = reconciliation
    while let name = await queue.next() {
      let isForced = forced.withLock { $0.remove(name) != nil }
      await observe(name, watches)
      switch await reconciliation.run(name, isForced: isForced) {
      case .done(let again), .refused(let again):
        await queue.finish(name, failed: false, again: again.map { $0 * Double.random(in: options.jitter) })
      case .cleaned:
        await queue.finish(name, failed: false, again: nil)
        for other in await source.externalSecretNames() where other.namespace == name.namespace && other != name {
          await queue.add(other)
        }
      case .failed:
        if isForced { _ = forced.withLock { $0.insert(name) } }
        await queue.finish(name, failed: true, again: nil)
      }
    }
  }
}
