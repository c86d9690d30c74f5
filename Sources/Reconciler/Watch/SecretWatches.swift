import Resources
import FederationAPI
import FederationClient
import Logging

/// The watches of an agent: for each connection one of all the secrets that its ExternalSecrets name, so that a change is
/// fetched when it happens and not when an interval is over.
actor SecretWatches {
  private struct Use {
    let client: any FederationCalling
    let references: Set<SecretReference>
  }

  /// How many stores a line of the log names.
  private static let namedStores = 8

  private let log: Log
  private let retrySeconds: Double
  private let changed: @Sendable (Set<ResourceName>) async -> Void
  private var uses: [ResourceName: Use] = [:]
  private var watches: [ObjectIdentifier: ConnectionWatch] = [:]
  /// Connections whose set of secrets has changed since ``apply()``.
  private var stale: Set<ObjectIdentifier> = []
  private let marks: AsyncStream<Void>
  private let mark: AsyncStream<Void>.Continuation

  /// `changed` is told which ExternalSecrets are to be fetched again. `retrySeconds` is the pause after a watch that the
  /// server refused.
  init(log: Log, retrySeconds: Double = 60, changed: @escaping @Sendable (Set<ResourceName>) async -> Void) {
    self.log = log
    self.retrySeconds = retrySeconds
    self.changed = changed
    (marks, mark) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// The ExternalSecret is to be told of changes of `references` on the connection of `client`.
  func set(_ name: ResourceName, _ client: any FederationCalling, _ references: Set<SecretReference>) {
    if let old = uses[name], old.client === client, old.references == references { return }
    remove(name)
    guard !references.isEmpty else { return }
    uses[name] = Use(client: client, references: references)
    let key = ObjectIdentifier(client)
    watches[key, default: ConnectionWatch(client: client)].add(references, of: name)
    touch(key)
  }

  /// The ExternalSecret is gone, or cannot be fetched.
  func remove(_ name: ResourceName) {
    guard let old = uses.removeValue(forKey: name) else { return }
    let key = ObjectIdentifier(old.client)
    watches[key]?.remove(old.references, of: name)
    touch(key)
  }

  /// Keeps the watches until its task is cancelled. `settled` is waited for before they are made anew: what changes together
  /// is one watch.
  func run(settled: () async -> Void) async {
    for await _ in marks {
      await settled()
      if Task.isCancelled { break }
      apply()
    }
    for watch in watches.values { watch.end() }
    watches = [:]
  }

  private func touch(_ key: ObjectIdentifier) {
    stale.insert(key)
    mark.yield()
  }

  private func apply() {
    for key in stale {
      guard var watch = watches[key] else { continue }
      watch.restart { client, references in
        Task { [weak self] in await self?.keep(client, references, key) }
      }
      watches[key] = watch.isEmpty ? nil : watch
    }
    stale = []
  }

  /// Watches, and after a refusal again in a while: the server may have been replaced, or a grant made.
  private nonisolated func keep(
    _ client: any FederationCalling, _ references: [SecretReference], _ key: ObjectIdentifier
  ) async {
    log.write(.debug, "watching", ["secrets": "\(references.count)"])
    while !Task.isCancelled {
      let end = await client.watch(references) { [weak self] change in await self?.received(change, key) }
      if Task.isCancelled { return }
      // A server or a wire without watches is nothing that somebody has to look at.
      log.write(
        end.code == .unimplemented ? .info : .warning, "watch_refused",
        [
          "server": client.serverURL, "stores": Self.stores(of: references), "reason": end.message,
          "advice": "values are fetched when their intervals are over",
        ])
      let pause = WatchRefusal.pause(after: end, seconds: retrySeconds)
      guard (try? await Task.sleep(for: pause)) != nil else { return }
    }
  }

  /// The stores that `references` name, as a list; of many the first.
  private static func stores(of references: [SecretReference]) -> String {
    let names = Set(references.map(\.store)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let rest = names.count - namedStores
    return names.prefix(namedStores).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }

  private func received(_ change: SecretChange, _ key: ObjectIdentifier) async {
    // A call that was replaced may still bring a value that was replaced, too.
    guard !Task.isCancelled, let names = watches[key]?.note(change), !names.isEmpty else { return }
    await changed(names)
  }
}
