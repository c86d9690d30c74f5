import FederationAPI

/// Where a ledger is.
public enum LedgerLocation: Sendable, Equatable, CustomStringConvertible {
  /// `ledger.db` in a server's data directory, for the processes of one machine.
  case directory(String)
  /// A PostgreSQL database by its `postgres://` URL or libpq parameters, for many machines. Either may hold a password.
  case postgreSQL(SecretBytes)

  /// Opens the ledger and takes an ``Ledger/instance`` among its processes.
  ///
  /// What is missing is created, directory, files and tables, and tables of an older format are brought up to date, of
  /// which `onMigration` is told, once that lasts; unless `createIfMissing` is false: then the ledger has to be there, as
  /// this program has it. A call on PostgreSQL takes at most `timeoutSeconds`; to open waits longer for a server that
  /// migrates.
  public func open(
    createIfMissing: Bool = true, timeoutSeconds: Double = 1.5,
    onMigration: (_ from: Int64, _ to: Int64) -> Void = { _, _ in }
  ) async throws(LedgerError) -> any Ledger {
    switch self {
    case .directory(let path):
      let directory = try LedgerDirectory(path: path, createIfMissing: createIfMissing)
      let database = try await SQLiteLedgerDatabase(path: directory.database)
      let older = try await database.prepare(createIfMissing: createIfMissing)
      if let older { onMigration(older, LedgerSchema.version) }
      let instance = try SQLLedger.newInstance()
      let presence = try LockFilePresence(path: directory.lockFile, instance: instance)
      try directory.synchronize()
      return SQLLedger(instance: instance, database: database, presence: presence)
    case .postgreSQL(let url):
      let instance = try SQLLedger.newInstance()
      let database = try PostgreSQLLedgerDatabase(url: url.text ?? "", timeoutSeconds: timeoutSeconds)
      let (namespace, older) = try await database.prepare(createIfMissing: createIfMissing)
      if let older { onMigration(older, LedgerSchema.version) }
      let presence = AdvisoryLockPresence(settings: database.settings, namespace: namespace, instance: instance)
      try await presence.show()
      return SQLLedger(instance: instance, database: database, presence: presence)
    }
  }

  /// Without the URL, which may hold a password.
  public var description: String {
    switch self {
    case .directory(let path): "\(path)/ledger.db"
    case .postgreSQL: "PostgreSQL"
    }
  }
}
