import Identity

/// What the handlers have counted, and what they hold, at one moment.
public struct ServiceMeasures: Sendable, Equatable {
  /// Calls past each limit, by the name of its flag without the dashes.
  public var refusedCalls: [String: UInt64]
  /// Peers whose certificates were refused in the handshake.
  public var refusedPeers: UInt64
  /// What was refused for want of a good token or SVID.
  public var authentication: AuthenticationMeasures
  /// WatchSecrets calls that are open.
  public var watches: Int
  /// Values that are kept for them.
  public var watchedValues: Int
  /// What was issued and taken back; nil for a server without a ledger.
  public var issuance: IssuanceMeasures?
}

extension FederationHandlers {
  /// Counts and gauges of now.
  public var measures: ServiceMeasures {
    let watching = hub.counts
    let authentication = authenticator.measures
    return ServiceMeasures(
      refusedCalls: [
        "requests-per-identity": refused.requestsOfIdentity.count,
        "requests-per-address": refused.requestsOfAddress.count,
        "failures-per-address": authentication.unheard,
        "waiting-per-identity": refused.waitingOfIdentity.count,
        "waiting-per-address": refused.waitingOfAddress.count,
        "waiting": refused.waiting.count,
        "max-watches": hub.refusedCount,
      ],
      refusedPeers: refused.peers.count, authentication: authentication, watches: watching.watches,
      watchedValues: watching.values,
      issuance: issuance?.measures)
  }
}
