import CPostgreSQL
import FederationAPI
import Glibc

/// A connection to a PostgreSQL server. No call outlasts ``deadline``.
///
/// Not Sendable: every call may block, and ``PostgreSQLPool`` lends it to a closure on the connection's own thread.
public final class PostgreSQLConnection {
  let settings: PostgreSQLSettings
  let handle: PostgreSQLHandle
  /// When calls give up; a connection on which one did is of no further use.
  public private(set) var deadline: MonotonicTime
  /// False once the connection failed or a call on it gave up.
  public private(set) var isUsable = true
  /// Whether something that was sent since the connection was lent may last: all but an open transaction.
  private var mayHaveTakenEffect = false
  private var isInTransaction = false
  /// The session's advisory locks that ``holdAdvisoryLock(_:asking:)`` took.
  var advisoryLocks: Set<Int64> = []

  init(_ settings: PostgreSQLSettings, until deadline: MonotonicTime) throws(PostgreSQLError) {
    self.settings = settings
    self.deadline = deadline
    handle = try PostgreSQLHandle.connect(settings, until: deadline)
  }

  /// Runs one statement with `$1`, `$2` and so on for `values`, which are texts in PostgreSQL's own spelling.
  @discardableResult
  public func query(_ sql: String, _ values: [String?] = []) throws(PostgreSQLError) -> PostgreSQLResult {
    guard isUsable else { throw lost() }
    guard !sql.contains("\u{0}"), !values.contains(where: { $0?.contains("\u{0}") == true }) else {
      throw PostgreSQLError(sqlState: "22021", message: "PostgreSQL stores no NUL")
    }
    // Nothing goes out when libpq refuses to begin; later failures show when the answer is read.
    guard send(sql, values) else { throw lost() }
    if !isInTransaction { mayHaveTakenEffect = true }
    try flush()
    return try answer()
  }

  /// Runs `body` in a transaction. An error rolls everything back. `Failure` needs a case for PostgreSQL's own errors:
  /// `convert` makes it.
  public func transaction<Result, Failure: Error>(
    mappingErrors convert: (PostgreSQLError) -> Failure, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    isInTransaction = true
    defer { isInTransaction = false }
    do throws(PostgreSQLError) { try query("BEGIN") } catch { throw convert(error) }
    do throws(Failure) {
      let result = try body()
      do throws(PostgreSQLError) {
        isInTransaction = false
        // The server answers ROLLBACK to a transaction that failed before.
        guard try query("COMMIT").command == "COMMIT" else {
          throw PostgreSQLError(sqlState: "25P02", message: "the transaction had failed and was rolled back")
        }
      } catch { throw convert(error) }
      return result
    } catch {
      isInTransaction = true
      if isUsable, PQtransactionStatus(handle.pointer) != PQTRANS_IDLE, (try? query("ROLLBACK")) == nil {
        isUsable = false
      }
      throw error
    }
  }

  /// As the other form, for a body that throws nothing but PostgreSQL's errors.
  public func transaction<Result>(_ body: () throws(PostgreSQLError) -> Result) throws(PostgreSQLError) -> Result {
    try transaction(mappingErrors: { $0 }, body)
  }

  /// What the server reports of itself, for example `server_encoding` or `server_version`.
  public func serverParameter(_ name: String) -> String? {
    PQparameterStatus(handle.pointer, name).map { String(cString: $0) }
  }

  /// Whether the connection still is, as far as that shows without asking the server. A server that ends a session says
  /// so and closes the connection; the rare other word to an idle session is not worth telling from that.
  func isAlive() -> Bool {
    if isUsable, SocketWait.isReadable(PQsocket(handle.pointer)) { isUsable = false }
    return isUsable
  }

  /// Begins a loan.
  func begin(until deadline: MonotonicTime) {
    self.deadline = deadline
    mayHaveTakenEffect = false
  }

  private func send(_ sql: String, _ values: [String?]) -> Bool {
    let copies = values.map { $0.map { strdup($0) } ?? nil }
    defer { for copy in copies { free(copy) } }
    let pointers = copies.map { UnsafePointer($0) }
    return PQsendQueryParams(handle.pointer, sql, Int32(pointers.count), nil, pointers, nil, nil, 0) == 1
  }

  private func flush() throws(PostgreSQLError) {
    while true {
      let status = PQflush(handle.pointer)
      if status == 0 { return }
      guard status > 0 else { throw lost() }
      let ready = SocketWait.wait(PQsocket(handle.pointer), for: [.reading, .writing], until: deadline)
      guard !ready.isEmpty else { throw timeout() }
      if ready.contains(.reading), PQconsumeInput(handle.pointer) != 1 { throw lost() }
    }
  }

  private func answer() throws(PostgreSQLError) -> PostgreSQLResult {
    var result: PostgreSQLResult?
    var failure: PostgreSQLError?
    while true {
      while PQisBusy(handle.pointer) == 1 {
        guard !SocketWait.wait(PQsocket(handle.pointer), for: .reading, until: deadline).isEmpty else {
          throw timeout()
        }
        guard PQconsumeInput(handle.pointer) == 1 else { throw failure ?? lost() }
      }
      guard let pointer = PQgetResult(handle.pointer) else { break }
      defer { PQclear(pointer) }
      switch PQresultStatus(pointer) {
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK: result = PostgreSQLResult(pointer)
      default: failure = failure ?? error(of: pointer)
      }
    }
    if PQstatus(handle.pointer) != CONNECTION_OK { isUsable = false }
    if let failure { throw failure }
    guard let result else { throw lost() }
    return result
  }

  private func error(of result: OpaquePointer) -> PostgreSQLError {
    func field(_ code: UnicodeScalar) -> String? {
      PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
    }
    // The session's last word; that it is over shows on the socket only later.
    if ["FATAL", "PANIC"].contains(field("V")) { isUsable = false }
    // The primary message alone: the detail holds values.
    let message = field("M") ?? PQresultErrorMessage(result).map { String(cString: $0) } ?? ""
    return PostgreSQLError(
      sqlState: field("C"), message: settings.sanitised(message), mayHaveTakenEffect: mayHaveTakenEffect)
  }

  private func lost() -> PostgreSQLError {
    isUsable = false
    let message = settings.sanitised(PQerrorMessage(handle.pointer).map { String(cString: $0) } ?? "")
    return PostgreSQLError(
      sqlState: nil, message: message.isEmpty ? "the connection is lost" : message,
      mayHaveTakenEffect: mayHaveTakenEffect)
  }

  private func timeout() -> PostgreSQLError {
    isUsable = false
    CancelRequests.send(for: handle.pointer)
    return PostgreSQLError(
      sqlState: nil, message: "the server did not answer in time", mayHaveTakenEffect: mayHaveTakenEffect,
      isTimeout: true)
  }
}
