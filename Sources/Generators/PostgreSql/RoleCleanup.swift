import PostgreSQL
import Resources

/// The statements that take a role back. Each step may be repeated, and begins with a look at whose the role is.
struct RoleCleanup: Sendable {
  /// Who gets what roles leave where the manifest names nobody and the generator's login is a superuser. Functions and
  /// views act with their owner's rights: a superuser must never come to own what a caller wrote.
  static let powerlessHeir = "ese_orphaned_objects"
  /// Random characters that make a role's name its own: 36 to the power of 8.
  private static let unguessableSuffix = 8

  let user: PostgreSqlSpec.User
  let role: OwnedRole

  /// Keeps the role from logging in, ends its sessions, and gives the databases in which it owns something or has a
  /// right, the connection's own always included; nil when there is nothing to clean up.
  func lockOut(on connection: PostgreSQLConnection) throws(PostgreSQLError) -> [String]? {
    let own = try connection.transaction { () throws(PostgreSQLError) -> String? in
      try connection.lockRole(role.name)
      guard let own = try ownName(on: connection) else { return nil }
      try connection.query("ALTER ROLE \(try connection.identifier(own)) NOLOGIN")
      let heir = try heir(on: connection)
      if let heir { try connection.makeGroupIfMissing(heir) }
      try join([own] + [heir].compactMap { $0 }, on: connection)
      return own
    }
    guard let own else { return nil }
    try endSessions(of: own, on: connection)
    let sql = """
      SELECT datname FROM pg_database
      WHERE datallowconn AND has_database_privilege(oid, 'CONNECT') AND (datname = current_database() OR oid IN (
        SELECT dbid FROM pg_shdepend
        WHERE refclassid = 'pg_authid'::regclass AND refobjid = (SELECT oid FROM pg_roles WHERE rolname = $1)))
      ORDER BY datname
      """
    return try connection.query(sql, [own]).rows.compactMap { $0.first ?? nil }
  }

  /// Leaves the role without anything in the connection's database, and without databases and tablespaces.
  func emptyOut(on connection: PostgreSQLConnection) throws(PostgreSQLError) {
    try connection.transaction { () throws(PostgreSQLError) in
      guard let own = try ownName(on: connection) else { return }
      let name = try connection.identifier(own)
      let heir = try heir(on: connection).map { heir throws(PostgreSQLError) in try connection.identifier(heir) }
      let reassignment = "REASSIGN OWNED BY \(name) TO \(heir ?? "CURRENT_USER")"
      if !user.destructiveCleanup { try connection.query(reassignment) }
      // What is not owned is rights now, and those go in both cases.
      try connection.query("DROP OWNED BY \(name)")
      // Whole databases and tablespaces are not dropped with it: others may have put something into them.
      if user.destructiveCleanup { try connection.query("REASSIGN OWNED BY \(name) TO CURRENT_USER") }
    }
  }

  /// Drops the role.
  func drop(on connection: PostgreSQLConnection) throws(PostgreSQLError) {
    guard let own = try ownName(on: connection) else { return }
    // A login that was under way when the role lost its right may have become a session since.
    try endSessions(of: own, on: connection)
    try connection.transaction { () throws(PostgreSQLError) in
      try connection.lockRole(role.name)
      guard let own = try ownName(on: connection) else { return }
      try connection.query("DROP ROLE \(try connection.identifier(own))")
    }
  }

  /// The role's name now; nil when it is not there, or when what has its name is somebody else's.
  ///
  /// It is the one with the state's comment, whatever it is called. One whose comment was changed is still known by a
  /// name that nobody else can have come upon.
  private func ownName(on connection: PostgreSQLConnection) throws(PostgreSQLError) -> String? {
    let sql = "SELECT rolname FROM pg_roles WHERE shobj_description(oid, 'pg_authid') = $1"
    if let found = try connection.query(sql, [role.comment]).rows.first?.first { return found }
    guard user.suffixSize >= Self.unguessableSuffix else { return nil }
    return try connection.hasRole(role.name) ? role.name : nil
  }

  /// A session that goes on could make what is to be given away, or hold locks on it.
  private func endSessions(of name: String, on connection: PostgreSQLConnection) throws(PostgreSQLError) {
    let major = connection.serverParameter("server_version").flatMap { Int($0.prefix { $0.isNumber }) } ?? 0
    // Waiting for the end of each is known to PostgreSQL 14 and newer.
    let end = major >= 14 ? "pg_terminate_backend(pid, 5000)" : "pg_terminate_backend(pid)"
    let sql = "SELECT \(end) FROM pg_stat_activity, pg_roles WHERE usesysid = pg_roles.oid AND rolname = $1"
    try connection.query(sql, [name])
  }

  /// Who is given what the role owns, nil for the connection's own login, and where all of it is dropped.
  private func heir(on connection: PostgreSQLConnection) throws(PostgreSQLError) -> String? {
    if user.destructiveCleanup { return nil }
    if let heir = user.reassignTo { return heir }
    let sql = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
    return try connection.query(sql).rows.first?.first == "t" ? Self.powerlessHeir : nil
  }

  /// Only members may end a role's sessions and give away what it owns, unless they are superusers.
  private func join(_ roles: [String], on connection: PostgreSQLConnection) throws(PostgreSQLError) {
    for other in roles {
      let sql = "SELECT 1 WHERE pg_has_role($1, 'MEMBER')"
      guard try connection.query(sql, [other]).rows.isEmpty else { continue }
      try connection.query("GRANT \(try connection.identifier(other)) TO CURRENT_USER")
    }
  }
}
