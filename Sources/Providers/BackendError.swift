/// Why a backend gave no value. Reasons are for the operator's log: they never hold a secret or a token, and no caller
/// sees them.
public enum BackendError: Error, Sendable, Equatable {
  /// There is no such key, or no such version of it.
  case notFound
  /// The backend refuses this server's credentials, or does not let them read the key.
  case denied(reason: String)
  /// The question cannot be asked of this backend, in words that callers see after the store's name.
  case invalid(String)
  /// The store cannot work as it is configured, for example because a Secret is missing.
  case misconfigured(reason: String)
  /// The backend wants to be asked again later, or so many questions wait for it that this one did not have its turn.
  case busy(retryAfterSeconds: Double?)
  /// It cannot be reached, or is not in a state to answer.
  case unavailable(reason: String)
  /// The question's time was over, or it was given up, before the backend had answered.
  case timedOut(reason: String)
  /// Its answer makes no sense.
  case dataLoss(reason: String)

  /// Whether the backend erred, so that asking again may help, and an older value is better than none.
  var isOutage: Bool {
    switch self {
    case .busy, .unavailable, .timedOut, .dataLoss: true
    case .notFound, .denied, .invalid, .misconfigured: false
    }
  }

  /// For the log.
  public var reason: String {
    switch self {
    case .notFound: "not found"
    case .denied(let reason), .misconfigured(let reason), .unavailable(let reason), .timedOut(let reason),
      .dataLoss(let reason):
      reason
    case .invalid(let text): text
    case .busy: "the backend is asked too much"
    }
  }
}
