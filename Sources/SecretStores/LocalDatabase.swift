import FederationAPI
import SQLite
import Threads

/// The embedded store: values encrypted with AES-256-GCM in `secrets.db`, under the key in `secrets.key`.
///
/// Both files are in one data directory and useless without each other: back them up apart. Several processes may use
/// a directory at once, and each read sees what others have written before it. SQLite's blocking calls run on a
/// thread that belongs to this actor.
public actor LocalDatabase {
  /// The most bytes a value may have: 1 MiB.
  public static let maximumValueBytes = 1 << 20
  /// How many versions of a key are kept; a put past them removes the oldest.
  public static let keptVersions = 10

  private let executor: BlockingExecutor
  private var storage: LocalStorage?

  /// The actor's own thread.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Opens the database in `directory`. Unless `createIfMissing` is false, what is missing is created: the directory
  /// with mode 0700 (its parent has to exist), database and key with mode 0600.
  ///
  /// Fails when the key file may be read by others, or is not there or not the right one for the database.
  public init(directory: String, createIfMissing: Bool = true) async throws(LocalStoreError) {
    do {
      executor = try BlockingExecutor(name: "local-store")
    } catch {
      throw LocalStoreError(.database, "\(error)")
    }
    storage = nil
    // From here on, all properties being set, this runs on the executor's thread.
    storage = try LocalStorage(directory: directory, createIfMissing: createIfMissing)
  }

  /// Stores `value` as a new version of `key`. Returns the version, counted from 1, once it is durable. A key that was
  /// deleted starts again at 1.
  public func put(store: String, key: String, value: SecretBytes) throws(LocalStoreError) -> Int {
    try opened().put(SecretName(store: store, key: key), value)
  }

  /// Reads one version of `key`, or the newest when `version` is nil.
  public func get(store: String, key: String, version: Int? = nil) throws(LocalStoreError) -> SecretBytes {
    try opened().get(SecretName(store: store, key: key), version: version)
  }

  /// Every key of `store`, or of all stores when it is nil, ordered by store and key.
  public func list(store: String? = nil) throws(LocalStoreError) -> [LocalSecret] {
    try opened().list(store: store)
  }

  /// Removes `key` with all its versions.
  public func delete(store: String, key: String) throws(LocalStoreError) {
    try opened().delete(SecretName(store: store, key: key))
  }

  /// Another number whenever any process may have changed a value since it was asked last.
  public func changeMark() throws(LocalStoreError) -> Int64 { try opened().changeMark() }

  private func opened() throws(LocalStoreError) -> LocalStorage {
    guard let storage else { throw LocalStoreError(.database, "the database is not open") }
    return storage
  }
}

/// What a list tells of a key: never its value.
public struct LocalSecret: Sendable, Equatable {
  /// Name of the ClusterSecretStore.
  public var store: String
  /// Key of the secret in the store.
  public var key: String
  /// The newest version.
  public var version: Int
  /// When that version was stored, in seconds since 1970-01-01T00:00:00Z.
  public var createdAtSeconds: Int64
}
