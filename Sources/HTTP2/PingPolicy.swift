import FederationAPI

/// Which PINGs of a peer are too many, as gRPC servers see it: each makes the server work and answer, and a peer that
/// wants to know whether the connection lives needs few.
///
/// Source: grpc/proposal, A8 "Client-side Keepalive", section "Server Enforcement".
struct PingPolicy {
  private let limits: HTTP2Limits
  private var last: MonotonicTime?
  private var strikes = 0

  init(_ limits: HTTP2Limits) { self.limits = limits }

  /// A PING came. False when it was one too many.
  mutating func admit(at now: MonotonicTime, hasStreams: Bool) -> Bool {
    defer { last = now }
    guard let last else { return true }
    let wanted = hasStreams ? limits.pingSeconds.busy : limits.pingSeconds.idle
    guard now < last.advanced(bySeconds: wanted) else { return true }
    strikes += 1
    return strikes <= limits.pingStrikes
  }

  /// Headers or data were sent. Clients measure the path with a PING beside data, and that is no keepalive.
  mutating func answered() {
    last = nil
    strikes = 0
  }
}
