import FederationAPI
import Logging

/// A ClusterSecretStore of provider `local`: the keys under its own name in the server's database.
public struct LocalStore: SecretStore {
  private let database: LocalDatabase?
  private let log: Log

  /// Makes a store over `database`; nil when the server has no data directory. `log` gets the reasons that callers
  /// must not see.
  public init(database: LocalDatabase?, log: Log) {
    self.database = database
    self.log = log
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
    let log = log
    return .pending { [version] in
      do throws(LocalStoreError) {
        return try await database.get(store: reference.store, key: reference.key, version: version)
          .property(of: reference)
      } catch {
        return .failure(LocalStore.answer(to: error, reference, version: version, log: log))
      }
    }
  }

  /// Lists what the database has now, also what another process put there.
  public func list(_ store: String) -> Reply<[SecretReference]> {
    guard let database else { return .ready(.failure(LocalStore.noData(store))) }
    let log = log
    return .pending {
      do throws(LocalStoreError) {
        let secrets = try await database.list(store: store)
        guard secrets.count <= maximumListedKeys else { return .failure(.tooManyKeys(store)) }
        return .success(secrets.map { SecretReference(store: store, key: $0.key) })
      } catch {
        log.write(.error, "store_unreadable", ["store": store, "reason": error.message])
        return .failure(RPCError(.unavailable, "store \"\(store)\" cannot be read now"))
      }
    }
  }

  /// The database's own mark.
  public var changes: StoreChanges {
    guard let database else { return .never }
    let log = log
    return .marked {
      do throws(LocalStoreError) {
        return try await database.changeMark()
      } catch {
        log.write(.error, "store_unreadable", ["reason": error.message])
        return nil
      }
    }
  }

  private static func noData(_ store: String) -> RPCError {
    RPCError(.failedPrecondition, "store \"\(store)\" has no data: start the server with --data")
  }

  private static func answer(
    to error: LocalStoreError, _ reference: SecretReference, version: Int?, log: Log
  ) -> RPCError {
    switch error.kind {
    case .notFound:
      return version.map { .noVersion(String($0), reference) } ?? .noSecret(reference)
    case .damaged:
      log.write(.error, "store_damaged", ["store": reference.store, "reason": error.message])
      return RPCError(
        .dataLoss, "the stored value of secret \"\(reference.key)\" in store \"\(reference.store)\" is damaged")
    default:
      log.write(.error, "store_unreadable", ["store": reference.store, "reason": error.message])
      return RPCError(.unavailable, "store \"\(reference.store)\" cannot be read now")
    }
  }
}
