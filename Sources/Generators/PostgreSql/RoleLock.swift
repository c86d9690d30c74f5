import Crypto
import PostgreSQL

extension PostgreSQLConnection {
  /// Waits until no other transaction works on the role `name` in this program's way, and keeps others waiting until
  /// this one ends.
  func lockRole(_ name: String) throws(PostgreSQLError) {
    try query("SELECT pg_advisory_xact_lock($1::bigint)", [String(RoleLock.key(name))])
  }

  func hasRole(_ name: String) throws(PostgreSQLError) -> Bool {
    try !query("SELECT 1 FROM pg_roles WHERE rolname = $1", [name]).rows.isEmpty
  }

  /// Makes `name` without any right unless there is such a role. To be called in a transaction.
  func makeGroupIfMissing(_ name: String) throws(PostgreSQLError) {
    guard try !hasRole(name) else { return }
    try lockRole(name)
    // Another transaction may have made it while this one waited.
    guard try !hasRole(name) else { return }
    try query("CREATE ROLE \(identifier(name)) NOLOGIN")
  }
}

enum RoleLock {
  /// The key of a role's lock: 64 bits of a digest that begins with this program's name, so that other programs' locks
  /// are others.
  static func key(_ name: String) -> Int64 {
    SHA256.digest("ese-federation role \(name)").prefix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) }
  }
}
