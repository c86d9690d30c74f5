import CPostgreSQL
import FederationAPI
import Glibc

extension PostgreSQLConnection {
  /// `name` as an identifier of a statement, in quotes.
  public func identifier(_ name: String) throws(PostgreSQLError) -> String {
    try quoted(name, PQescapeIdentifier)
  }

  /// `text` as a literal of a statement that takes no parameters.
  public func literal(_ text: String) throws(PostgreSQLError) -> String { try quoted(text, PQescapeLiteral) }

  /// What stands for `password` in `CREATE ROLE`: a SCRAM verifier, made here, so that the password itself is in no log
  /// of the server and never on the wire.
  public func verifier(of password: SecretBytes, role: String) throws(PostgreSQLError) -> String {
    var copy = [CChar](repeating: 0, count: password.count + 1)
    defer { explicit_bzero(&copy, copy.count) }
    password.withBytes { bytes in
      for index in 0..<bytes.byteCount {
        copy[index] = CChar(bitPattern: bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self))
      }
    }
    guard let verifier = PQencryptPasswordConn(handle.pointer, &copy, role, "scram-sha-256") else {
      throw PostgreSQLError(sqlState: nil, message: "cannot make a password's verifier")
    }
    defer { PQfreemem(verifier) }
    return String(cString: verifier)
  }

  /// Takes the session's advisory lock `key` unless another session has it, and says whether this one has it. A lock
  /// that was taken on this connection is held as long as the connection is: the server is asked whether that still is,
  /// unless `asking` is false.
  public func holdAdvisoryLock(_ key: Int64, asking: Bool = true) throws(PostgreSQLError) -> Bool {
    // Locks of one session add up, so it is not taken twice.
    if advisoryLocks.contains(key) {
      if asking { try query("SELECT 1") }
      return true
    }
    guard try query("SELECT pg_try_advisory_lock($1::bigint)", [String(key)]).rows.first?.first == "t" else {
      return false
    }
    advisoryLocks.insert(key)
    return true
  }

  private func quoted(
    _ text: String, _ quote: (OpaquePointer?, UnsafePointer<CChar>?, Int) -> UnsafeMutablePointer<CChar>?
  ) throws(PostgreSQLError) -> String {
    // libpq would stop at the NUL.
    guard !text.contains("\u{0}"), let quoted = quote(handle.pointer, text, text.utf8.count) else {
      throw PostgreSQLError(sqlState: "22021", message: "a name or text cannot be part of a statement")
    }
    defer { PQfreemem(quoted) }
    return String(cString: quoted)
  }
}
