import FederationAPI
import Transport

/// The one thing that a connection waits for, and until when.
///
/// Transport timers cannot be taken back, so moving the deadline later leaves the armed timer alone and looks
/// again when it fires: a busy connection arms a timer once in several seconds, not once a request.
struct ConnectionDeadline {
  enum Kind: Equatable {
    /// The next request.
    case idle
    /// The next request, while the server stops.
    case drain
    /// The rest of a header section.
    case head
    /// The rest of a body.
    case body
    /// The responder.
    case answer
  }

  private(set) var kind = Kind.idle
  private var time = MonotonicTime(nanoseconds: .max)
  private var armed: MonotonicTime?

  /// Waits for `kind` for `seconds` from now.
  mutating func set(_ kind: Kind, seconds: Double, on connection: Connection) {
    self.kind = kind
    time = .now.advanced(bySeconds: seconds)
    if armed.map({ time < $0 }) ?? true { arm(on: connection) }
  }

  /// To be called with every timer that fires. Returns what was waited for in vain, nil when the time is not over.
  mutating func expired(tag: UInt64, on connection: Connection) -> Kind? {
    guard tag == armed?.nanoseconds else { return nil }
    armed = nil
    if time <= .now { return kind }
    arm(on: connection)
    return nil
  }

  private mutating func arm(on connection: Connection) {
    armed = time
    connection.setTimer(time.nanoseconds, at: time)
  }
}
