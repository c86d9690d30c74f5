import CPostgreSQL
import Synchronization
import Threads

/// Asks servers to give statements up that nobody waits for any longer.
///
/// libpq connects for that, and waits without end for a server that does not answer. So each request has a thread of its
/// own, and there are few: what is past them is left to the session's `statement_timeout`.
enum CancelRequests {
  private static let maximum = 4
  private static let running = Atomic<Int>(0)

  static func send(for connection: OpaquePointer) {
    guard running.add(1, ordering: .relaxed).newValue <= maximum, let request = PQgetCancel(connection) else {
      running.subtract(1, ordering: .relaxed)
      return
    }
    let owned = Request(pointer: request)
    do throws(ThreadError) {
      try startDetachedThread(name: "postgresql-cancel") {
        owned.send()
        running.subtract(1, ordering: .relaxed)
      }
    } catch { running.subtract(1, ordering: .relaxed) }
  }

  private final class Request: Sendable {
    // A PGcancel is a copy of what a request needs, independent of its connection, and PQcancel may be called in any
    // thread; it is used once, and freed after that.
    private nonisolated(unsafe) let pointer: OpaquePointer
    init(pointer: OpaquePointer) { self.pointer = pointer }
    deinit { PQfreeCancel(pointer) }

    func send() {
      var message = [CChar](repeating: 0, count: 256)
      PQcancel(pointer, &message, Int32(message.count))
    }
  }
}
