import CPostgreSQL
import FederationAPI
import Glibc

/// Owns libpq's connection.
final class PostgreSQLHandle {
  let pointer: OpaquePointer

  private init(_ pointer: OpaquePointer) { self.pointer = pointer }

  deinit { PQfinish(pointer) }

  /// Connects and logs in before `deadline`. Only a name's lookup may take longer, since libpq does that in one step.
  static func connect(_ settings: PostgreSQLSettings, until deadline: MonotonicTime) throws(PostgreSQLError)
    -> PostgreSQLHandle
  {
    guard let pointer = start(settings) else {
      throw PostgreSQLError(sqlState: nil, message: "no memory for a connection")
    }
    let handle = PostgreSQLHandle(pointer)
    // Notices would go to stderr.
    PQsetNoticeProcessor(pointer, { _, _ in }, nil)
    guard PQstatus(pointer) != CONNECTION_BAD else { throw handle.connectError(settings) }
    var interest = SocketWait.Interest.writing
    while true {
      guard !SocketWait.wait(PQsocket(pointer), for: interest, until: deadline).isEmpty else {
        throw PostgreSQLError(
          sqlState: nil, message: "the server did not accept a connection in time", isTimeout: true)
      }
      switch PQconnectPoll(pointer) {
      case PGRES_POLLING_OK:
        PQsetnonblocking(pointer, 1)
        return handle
      case PGRES_POLLING_READING: interest = .reading
      case PGRES_POLLING_WRITING: interest = .writing
      default: throw handle.connectError(settings)
      }
    }
  }

  private static func start(_ settings: PostgreSQLSettings) -> OpaquePointer? {
    var words: [UnsafeMutablePointer<CChar>?] = []
    for (keyword, value) in settings.complete { words += [strdup(keyword), strdup(value)] }
    if let password = settings.password { words += [strdup("password"), copy(password)] }
    defer {
      for word in words.compactMap({ $0 }) {
        explicit_bzero(word, strlen(word))
        free(word)
      }
    }
    var keywords: [UnsafePointer<CChar>?] = []
    var values: [UnsafePointer<CChar>?] = []
    for (index, word) in words.enumerated() {
      if index % 2 == 0 { keywords.append(UnsafePointer(word)) } else { values.append(UnsafePointer(word)) }
    }
    return PQconnectStartParams(keywords + [nil], values + [nil], 0)
  }

  private static func copy(_ password: SecretBytes) -> UnsafeMutablePointer<CChar>? {
    password.withBytes { bytes in
      bytes.withUnsafeBytes { buffer in
        guard let start = buffer.baseAddress else { return strdup("") }
        return strndup(start.assumingMemoryBound(to: CChar.self), buffer.count)
      }
    }
  }

  private func connectError(_ settings: PostgreSQLSettings) -> PostgreSQLError {
    let message = PQerrorMessage(pointer).map { String(cString: $0) } ?? ""
    return PostgreSQLError(sqlState: Self.sqlState(of: message), message: settings.sanitised(message))
  }

  /// libpq tells no SQLSTATE of a login that failed. What an operator has to mend is told from what passes by itself by
  /// the server's words.
  private static func sqlState(of message: String) -> String? {
    guard message.contains("FATAL") else { return nil }
    if message.contains("authentication failed") || message.contains("no pg_hba.conf entry") { return "28000" }
    if message.contains("does not exist") { return "3D000" }
    return message.contains("permission denied") ? "42501" : nil
  }
}
