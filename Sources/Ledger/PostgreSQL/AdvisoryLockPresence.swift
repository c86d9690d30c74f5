import Crypto
import PostgreSQL

/// Presence by PostgreSQL's advisory locks: one for who leads, one for each instance, held by one connection that does
/// nothing else. The server lets them go when that connection's client is gone.
///
/// Keys are 64 bits of a digest over this program's name, the tables' schema and what is locked: other programs on the
/// same database have other keys. The connection has to be a session of the server's own: a proxy that shares sessions
/// among clients breaks this.
struct AdvisoryLockPresence: LedgerPresence {
  private let namespace: String
  private let leader: Int64
  private let own: Int64
  /// Of one connection, which is opened again when it was lost; its locks are taken again with it.
  private let pool: PostgreSQLPool

  init(settings: PostgreSQLSettings, namespace: String, instance: String) {
    self.namespace = namespace
    leader = Self.key("ese-federation ledger leader", namespace)
    own = Self.key("ese-federation ledger instance", namespace, instance)
    pool = PostgreSQLPool(settings, maximum: 1)
  }

  func show() async throws(LedgerError) {
    let own = own
    try await ask { connection throws(PostgreSQLError) in _ = try connection.holdAdvisoryLock(own, asking: false) }
  }

  func leads() async throws(LedgerError) -> Bool {
    let (own, leader) = (own, leader)
    return try await ask { connection throws(PostgreSQLError) in
      // The session of a connection that was lost may still have it; then the others see this instance alive anyhow.
      _ = try connection.holdAdvisoryLock(own, asking: false)
      return try connection.holdAdvisoryLock(leader)
    }
  }

  func dead(among instances: Set<String>) async throws(LedgerError) -> Set<String> {
    let own = own
    // Of a key that is one 64-bit number, the upper half is in classid and the lower in objid.
    let sql = """
      SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks
      WHERE locktype = 'advisory' AND objsubid = 1 AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      """
    let held = try await ask { connection throws(PostgreSQLError) in
      _ = try connection.holdAdvisoryLock(own, asking: false)
      return Set(try connection.query(sql).rows.compactMap { $0.first.flatMap { $0.flatMap { Int64($0) } } })
    }
    return instances.filter { !held.contains(Self.key("ese-federation ledger instance", namespace, $0)) }
  }

  func close() async { pool.close() }

  static func key(_ parts: String...) -> Int64 {
    SHA256.digest(parts.map { "\($0.utf8.count):\($0)" }.joined()).prefix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) }
  }

  private func ask<Value: Sendable>(
    _ body: @escaping @Sendable (PostgreSQLConnection) throws(PostgreSQLError) -> Value
  ) async throws(LedgerError) -> Value {
    do throws(PostgreSQLError) { return try await pool.withConnection(body) } catch { throw LedgerError(error) }
  }
}
