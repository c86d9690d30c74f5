import FederationAPI
import Synchronization

/// A bounded number of connections to one server, opened when they are needed.
///
/// No call outlasts the settings' time, whatever the server, the network or the name service do. A server that was
/// stopped and came back is found again by the next call.
public final class PostgreSQLPool: Sendable {
  private typealias Lease = Result<PostgreSQLSession, PostgreSQLError>
  private struct Waiter {
    let number: UInt64
    let continuation: CheckedContinuation<Lease, Never>
  }
  private struct State {
    var idle: [PostgreSQLSession] = []
    /// Open connections and those that are being opened.
    var count = 0
    var opening = 0
    /// The longest wait first.
    var waiters: [Waiter] = []
    var nextNumber: UInt64 = 0
    var isClosed = false
  }

  private static let closed = PostgreSQLError(sqlState: nil, message: "the connections are closed")
  private let settings: PostgreSQLSettings
  private let maximum: Int
  private let state = Mutex(State())

  /// Makes a pool of at most `maximum` connections; opens none yet.
  public init(_ settings: PostgreSQLSettings, maximum: Int) {
    self.settings = settings
    self.maximum = max(1, maximum)
  }

  /// Lends a connection to `body`, on that connection's thread.
  ///
  /// `body` runs a second time, on a fresh connection, when the one that it got first was lost before anything that lasts
  /// could have been executed on it: found dead, or before a transaction's COMMIT was sent. `timeoutSeconds` stands in for the settings' time.
  public func withConnection<Value: Sendable>(
    timeoutSeconds: Double? = nil,
    _ body: @escaping @Sendable (PostgreSQLConnection) throws(PostgreSQLError) -> Value
  ) async throws(PostgreSQLError) -> Value {
    let deadline = MonotonicTime.now.advanced(bySeconds: timeoutSeconds ?? settings.timeoutSeconds)
    var isSecond = false
    while true {
      let session = try await lease(until: deadline).get()
      let (result, isUsable) = await session.run(until: deadline, body)
      giveBack(session, isUsable: isUsable)
      switch result {
      case .success(let value): return value
      case .failure(let error):
        guard !isUsable, !error.mayHaveTakenEffect, !error.isTimeout, !isSecond else { throw error }
        isSecond = true
        // What ended one connection ended the others, which have been idle for longer.
        dropIdle()
      }
    }
  }

  /// Closes what is idle, and the rest as it comes back; calls fail from now on.
  public func close() {
    let (idle, waiters) = state.withLock { state in
      state.isClosed = true
      state.count -= state.idle.count
      defer {
        state.idle = []
        state.waiters = []
      }
      return (state.idle, state.waiters)
    }
    _ = idle
    for waiter in waiters { waiter.continuation.resume(returning: .failure(Self.closed)) }
  }

  private func lease(until deadline: MonotonicTime) async -> Lease {
    let (ready, number) = state.withLock { state -> (Lease?, UInt64) in
      if state.isClosed { return (.failure(Self.closed), 0) }
      if let session = state.idle.popLast() { return (.success(session), 0) }
      state.nextNumber += 1
      return (nil, state.nextNumber)
    }
    if let ready { return ready }
    let expiry = Task {
      try await Task.sleep(for: .nanoseconds(MonotonicTime.now.nanoseconds(until: deadline)))
      expire(number)
    }
    defer { expiry.cancel() }
    return await withCheckedContinuation { continuation in
      state.withLock { $0.waiters.append(Waiter(number: number, continuation: continuation)) }
      // The time may be over already, or a connection have come back, since the look above.
      if MonotonicTime.now >= deadline { expire(number) }
      serve()
    }
  }

  /// Gives idle connections to who waits, and opens further ones for the rest.
  private func serve() {
    let (leases, missing) = state.withLock { state -> ([(Waiter, Lease)], Int) in
      var leases: [(Waiter, Lease)] = []
      while !state.waiters.isEmpty, state.isClosed || !state.idle.isEmpty {
        let lease: Lease = state.idle.popLast().map { .success($0) } ?? .failure(Self.closed)
        leases.append((state.waiters.removeFirst(), lease))
      }
      let missing = max(0, min(state.waiters.count - state.opening, maximum - state.count))
      state.opening += missing
      state.count += missing
      return (leases, missing)
    }
    for (waiter, lease) in leases { waiter.continuation.resume(returning: lease) }
    for _ in 0..<missing { Task { await open() } }
  }

  private func open() async {
    let opened: Lease
    do throws(PostgreSQLError) {
      opened = .success(
        try await PostgreSQLSession(settings, until: .now.advanced(bySeconds: settings.timeoutSeconds)))
    } catch { opened = .failure(error) }
    let disappointed = state.withLock { state -> Waiter? in
      state.opening -= 1
      if case .success(let session) = opened, !state.isClosed {
        state.idle.append(session)
        return nil
      }
      state.count -= 1
      // One attempt is one waiter's answer; the others have attempts of their own, or will. But an attempt that took all
      // its time may have begun long before whoever waits now, and they know their own time.
      if case .failure(let error) = opened, error.isTimeout { return nil }
      return state.waiters.isEmpty ? nil : state.waiters.removeFirst()
    }
    disappointed?.continuation.resume(returning: opened)
    serve()
  }

  private func giveBack(_ session: PostgreSQLSession, isUsable: Bool) {
    state.withLock { state in
      if isUsable, !state.isClosed {
        state.idle.append(session)
      } else {
        state.count -= 1
      }
    }
    serve()
  }

  private func dropIdle() {
    let dropped = state.withLock { state in
      state.count -= state.idle.count
      defer { state.idle = [] }
      return state.idle
    }
    _ = dropped
    serve()
  }

  private func expire(_ number: UInt64) {
    let waiter = state.withLock { state -> Waiter? in
      guard let index = state.waiters.firstIndex(where: { $0.number == number }) else { return nil }
      return state.waiters.remove(at: index)
    }
    waiter?.continuation.resume(
      returning: .failure(
        PostgreSQLError(sqlState: nil, message: "the server gave no connection in time", isTimeout: true)))
  }
}
