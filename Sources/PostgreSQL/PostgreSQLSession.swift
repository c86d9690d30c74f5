import FederationAPI
import Threads

/// A connection with the thread that its blocking calls run on.
actor PostgreSQLSession {
  private let executor: BlockingExecutor
  private var connection: PostgreSQLConnection?

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  init(_ settings: PostgreSQLSettings, until deadline: MonotonicTime) async throws(PostgreSQLError) {
    do throws(ThreadError) {
      executor = try BlockingExecutor(name: "postgresql")
    } catch { throw PostgreSQLError(sqlState: nil, message: "\(error)") }
    connection = nil
    // From here on, all properties being set, this runs on the executor's thread.
    connection = try PostgreSQLConnection(settings, until: deadline)
  }

  /// What `body` gave, and whether the connection may be used again.
  func run<Value: Sendable>(
    until deadline: MonotonicTime, _ body: @Sendable (PostgreSQLConnection) throws(PostgreSQLError) -> Value
  ) -> (result: Result<Value, PostgreSQLError>, isUsable: Bool) {
    guard let connection, connection.isAlive() else {
      return (.failure(PostgreSQLError(sqlState: nil, message: "the server has closed the connection")), false)
    }
    connection.begin(until: deadline)
    do throws(PostgreSQLError) {
      return (.success(try body(connection)), connection.isUsable)
    } catch {
      return (.failure(error), connection.isUsable)
    }
  }
}
