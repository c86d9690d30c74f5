import FederationAPI
import Synchronization

/// Rings for a refresh when a secret has another value than the last refresh found.
///
/// Where there are no watches it does nothing, and the refreshes come at their intervals.
public final class RefreshWatch: Sendable {
  private let names: [SecretName]
  private let client: FederationClient
  private let bell: RefreshBell
  /// What the last refresh found, without what has been unreadable since.
  private let known = Mutex<[SecretName: SecretBytes]>([:])

  /// Makes a watch of `names`; nothing is sent before ``run(refused:)``.
  public init(_ names: [SecretName], client: FederationClient, bell: RefreshBell) {
    self.names = names
    self.client = client
    self.bell = bell
  }

  /// A refresh has found `values`.
  public func found(_ values: [SecretName: SecretBytes]) { known.withLock { $0 = values } }

  /// Watches until its task is cancelled. `refused` is told why the server ends a watch, but not that it has none.
  public func run(refused: @escaping @Sendable (RPCError) -> Void) async {
    await withTaskGroup { group in
      for first in stride(from: 0, to: names.count, by: Limits.watchedSecrets) {
        let part = names[first..<min(names.count, first + Limits.watchedSecrets)]
        let secrets = part.map { SecretReference(store: $0.store, key: $0.key) }
        group.addTask { await self.keep(secrets, refused) }
      }
    }
  }

  private func keep(_ secrets: [SecretReference], _ refused: (RPCError) -> Void) async {
    while !Task.isCancelled {
      do throws(RPCError) {
        for try await change in client.watch(secrets) where isNews(change) { bell.ring() }
      } catch {
        if error.code == .cancelled { return }
        if error.code != .unimplemented { refused(error) }
        try? await Task.sleep(for: WatchRefusal.pause(after: error))
      }
    }
  }

  /// Whether a refresh would find something else. What cannot be read leaves the files as they are, so it is no news, but
  /// its return is.
  func isNews(_ change: SecretChange) -> Bool {
    let name = SecretName(store: change.secret.store, key: change.secret.key)
    switch change.outcome {
    case .success(let value): return known.withLock { $0[name] } != value
    case .failure:
      known.withLock { $0[name] = nil }
      return false
    }
  }
}
