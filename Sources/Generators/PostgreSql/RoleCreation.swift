import FederationAPI
import PostgreSQL
import Resources

/// The statements that make a role.
struct RoleCreation: Sendable {
  let user: PostgreSqlSpec.User
  let role: OwnedRole
  let password: SecretBytes
  let expiresAtSeconds: Int64?

  /// Makes the role in one transaction; false when there is one of its name.
  func run(on connection: PostgreSQLConnection) throws(PostgreSQLError) -> Bool {
    var runs = 0
    while true {
      runs += 1
      do throws(PostgreSQLError) {
        return try connection.transaction { () throws(PostgreSQLError) in try create(on: connection) }
      } catch {
        // Somebody else made one of the groups at the same moment, or two transactions waited for each other.
        guard error.mayRunAgain || error.isUniqueViolation || error.sqlState == "42710", runs < 3 else { throw error }
      }
    }
  }

  private func create(on connection: PostgreSQLConnection) throws(PostgreSQLError) -> Bool {
    try connection.lockRole(role.name)
    guard try !connection.hasRole(role.name) else { return false }
    // In one order, so that two that miss the same groups do not wait for each other.
    for group in Set(user.roles).sorted() { try connection.makeGroupIfMissing(group) }
    let name = try connection.identifier(role.name)
    let verifier = try connection.literal(try connection.verifier(of: password, role: role.name))
    var sql = "CREATE ROLE \(name) LOGIN PASSWORD \(verifier)"
    for attribute in user.attributes { sql += " " + attribute.sql }
    if let expiry = try expiry(on: connection) { sql += " VALID UNTIL \(try connection.literal(expiry))" }
    if !user.roles.isEmpty {
      var groups: [String] = []
      for group in user.roles { groups.append(try connection.identifier(group)) }
      sql += " IN ROLE \(groups.joined(separator: ", "))"
    }
    try connection.query(sql)
    try connection.query("COMMENT ON ROLE \(name) IS \(try connection.literal(role.comment))")
    return true
  }

  private func expiry(on connection: PostgreSQLConnection) throws(PostgreSQLError) -> String? {
    guard let expiresAtSeconds else { return nil }
    let sql = "SELECT to_char(to_timestamp($1::bigint) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || '+00'"
    return try connection.query(sql, [String(expiresAtSeconds)]).rows.first?.first ?? nil
  }
}

extension PostgreSqlSpec.Attribute {
  fileprivate var sql: String {
    switch self {
    case .superuser: "SUPERUSER"
    case .createDB: "CREATEDB"
    case .createRole: "CREATEROLE"
    case .replication: "REPLICATION"
    case .noInherit: "NOINHERIT"
    case .bypassRLS: "BYPASSRLS"
    case .connectionLimit(let limit): "CONNECTION LIMIT \(limit)"
    }
  }
}
