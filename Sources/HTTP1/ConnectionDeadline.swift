import FederationAPI

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

  enum Firing: Equatable {
    /// The timer means nothing any more.
    case stale
    /// Nothing is over yet; a timer is wanted for this time.
    case rearm(MonotonicTime)
    /// This was waited for in vain.
    case expired(Kind)
  }

  private(set) var kind = Kind.idle
  private var time = MonotonicTime(nanoseconds: .max)
  private var armed: MonotonicTime?

  /// Waits for `kind` until `time`. Returns the time for which a timer is wanted, nil when an earlier one is armed.
  mutating func set(_ kind: Kind, until time: MonotonicTime) -> MonotonicTime? {
    self.kind = kind
    self.time = time
    if let armed, armed <= time { return nil }
    armed = time
    return time
  }

  /// The timer that was wanted for `timer` has fired.
  mutating func fired(_ timer: MonotonicTime, now: MonotonicTime) -> Firing {
    guard timer == armed else { return .stale }
    guard time > now else {
      armed = nil
      return .expired(kind)
    }
    armed = time
    return .rearm(time)
  }
}
