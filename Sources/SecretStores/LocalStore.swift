import FederationAPI
import Logging

/// A ClusterSecretStore of provider `local`: the keys under its own name in the server's database.
public struct LocalStore: SecretStore {
  private let database: LocalDatabase?
  private let lines: Lines

  /// Lines of the log that each read of a store in a bad state causes: so many a second of each kind.
  private struct Lines: Sendable {
    let log: Log
    let clock: @Sendable () -> MonotonicTime
    private let unreadable = LogLimit(linesPerSecond: 10)
    private let damaged = LogLimit(linesPerSecond: 10)

    init(log: Log, clock: @escaping @Sendable () -> MonotonicTime) {
      self.log = log
      self.clock = clock
    }

    /// Nothing can be read; nil for all stores of the database.
    func unreadable(_ store: String?, _ error: LocalStoreError) {
      log.write(
        .error, "store_unreadable", within: unreadable, at: clock().nanoseconds,
        store.map { ["store": $0, "reason": error.message] } ?? ["reason": error.message])
    }

    /// One value is not what was put there.
    func damaged(_ store: String, _ error: LocalStoreError) {
      log.write(
        .error, "store_damaged", within: damaged, at: clock().nanoseconds, ["store": store, "reason": error.message])
    }
  }

  /// Makes a store over `database`; nil when the server has no data directory. `log` gets the reasons that callers
  /// must not see, ten lines of each kind in a second of `clock`.
  public init(database: LocalDatabase?, log: Log, clock: @escaping @Sendable () -> MonotonicTime = { .now }) {
    self.database = database
    lines = Lines(log: log, clock: clock)
  }

  /// Reads the database, so that a change by another process is seen by the next read.
  public func read(_ reference: SecretReference) -> Reply<SecretBytes> {
    guard let database else { return .ready(.failure(LocalStore.noData(reference.store))) }
    var version: Int?
    if let text = reference.version, !text.isEmpty {
      guard let number = Int(text), number > 0, String(number) == text else {
        let message =
          "version \"\(text)\" is not a whole number from 1, as versions in store \"\(reference.store)\" are"
        return .ready(.failure(RPCError(.invalidArgument, message)))
      }
      version = number
    }
    return .pending { [version] in
      do throws(LocalStoreError) {
        return try await database.get(store: reference.store, key: reference.key, version: version)
          .property(of: reference)
      } catch {
        return .failure(answer(to: error, reference, version: version))
      }
    }
  }

  /// Lists what the database has now, also what another process put there.
  public func list(_ store: String) -> Reply<[SecretReference]> {
    guard let database else { return .ready(.failure(LocalStore.noData(store))) }
    return .pending {
      do throws(LocalStoreError) {
        let secrets = try await database.list(store: store)
        guard secrets.count <= maximumListedKeys else { return .failure(.tooManyKeys(store)) }
        return .success(secrets.map { SecretReference(store: store, key: $0.key) })
      } catch {
        lines.unreadable(store, error)
        return .failure(RPCError(.unavailable, "store \"\(store)\" cannot be read now"))
      }
    }
  }

  /// The database's own mark.
  public var changes: StoreChanges {
    guard let database else { return .never }
    return .marked {
      do throws(LocalStoreError) {
        return try await database.changeMark()
      } catch {
        lines.unreadable(nil, error)
        return nil
      }
    }
  }

  private static func noData(_ store: String) -> RPCError {
    RPCError(.failedPrecondition, "store \"\(store)\" has no data: start the server with --data")
  }

  private func answer(to error: LocalStoreError, _ reference: SecretReference, version: Int?) -> RPCError {
    switch error.kind {
    case .notFound:
      return version.map { .noVersion(String($0), reference) } ?? .noSecret(reference)
    case .damaged:
      lines.damaged(reference.store, error)
      return RPCError(
        .dataLoss, "the stored value of secret \"\(reference.key)\" in store \"\(reference.store)\" is damaged")
    default:
      lines.unreadable(reference.store, error)
      return RPCError(.unavailable, "store \"\(reference.store)\" cannot be read now")
    }
  }
}
