import FederationAPI
import PostgreSQL
import Resources
import Synchronization

/// The connections of one generator: a few that it keeps, for the database of its spec, and single ones for others.
final class PostgreSqlConnections: Sendable {
  /// A server allows 100 unless it is told otherwise, and the roles that are made need theirs.
  private static let maximumConnections = 5
  /// For a call in all: with many callers at once most of it is the wait for a connection.
  private static let callSeconds = 10.0
  /// Longer, since cleanup waits for transactions in flight and may move many objects.
  static let cleanupSeconds = 30.0
  /// What Debian's `ca-certificates` keeps; this libpq has no word for it.
  private static let systemTrust = "/etc/ssl/certs/ca-certificates.crt"

  private struct Current {
    let password: SecretBytes
    let pool: PostgreSQLPool
  }
  private let spec: PostgreSqlSpec
  private let current = Mutex<Current?>(nil)

  init(_ spec: PostgreSqlSpec) { self.spec = spec }

  deinit { current.withLock { $0?.pool.close() } }

  /// The pool for `password`; another password than before makes a new one.
  func pool(password: SecretBytes) throws(PostgreSQLError) -> PostgreSQLPool {
    try current.withLock { current throws(PostgreSQLError) -> PostgreSQLPool in
      if let current, current.password == password { return current.pool }
      let pool = PostgreSQLPool(
        try settings(spec.database, password, Self.callSeconds), maximum: Self.maximumConnections)
      current?.pool.close()
      current = Current(password: password, pool: pool)
      return pool
    }
  }

  /// One connection to `database`, to be closed.
  func single(database: String, password: SecretBytes) throws(PostgreSQLError) -> PostgreSQLPool {
    PostgreSQLPool(try settings(database, password, Self.cleanupSeconds), maximum: 1)
  }

  private func settings(
    _ database: String, _ password: SecretBytes, _ seconds: Double
  ) throws(PostgreSQLError) -> PostgreSQLSettings {
    var parameters = [
      "host": spec.host, "port": "\(spec.port)", "dbname": database, "user": spec.username,
      "sslmode": spec.sslMode.rawValue,
    ]
    // With certificates to trust libpq checks the server's also where the mode says that it is not to be checked.
    let isChecked = spec.sslMode == .verifyCA || spec.sslMode == .verifyFull
    if isChecked { parameters["sslrootcert"] = Self.systemTrust }
    let milliseconds = "\(Int(Self.cleanupSeconds * 1_000))"
    var settings = PostgreSQLSettings(
      parameters: parameters, password: password,
      session: ["statement_timeout": milliseconds, "idle_in_transaction_session_timeout": milliseconds],
      timeoutSeconds: seconds)
    if isChecked, let bundle = spec.caBundle { settings.trust = try TrustFile(bundle) }
    return settings
  }
}
