import FederationAPI

/// How much one caller may ask of a server, so that it leaves something for the others. 0 is no limit.
public struct CallLimits: Sendable {
  /// Calls a second of one identity, whatever its tokens, connections and wires are: about half of what one core answers from
  /// memory, since the identity may be a whole External Secrets of another cluster.
  public var requestsPerIdentity = 50_000
  /// Calls a second from one address (of IPv6, one /64), those without an identity included.
  public var requestsPerAddress = 200_000
  /// Tokens a minute from one address that may turn out not to be good.
  public var failuresPerAddress = 600
  /// Calls of one identity that wait for backends at once.
  public var waitingPerIdentity = 512
  /// Calls from one address that wait for key sets or backends at once.
  public var waitingPerAddress = 2_048

  /// The defaults.
  public init() {}

  /// No limits.
  public static var none: CallLimits {
    var limits = CallLimits()
    limits.requestsPerIdentity = 0
    limits.requestsPerAddress = 0
    limits.failuresPerAddress = 0
    limits.waitingPerIdentity = 0
    limits.waitingPerAddress = 0
    return limits
  }
}
