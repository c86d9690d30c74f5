import Synchronization

/// What an ``Authenticator`` has counted, and what it holds, at one moment.
public struct AuthenticationMeasures: Sendable, Equatable {
  /// Calls that were refused for want of a good token, or of an identity of their connection.
  public var refusedCalls: UInt64
  /// Tokens that were not looked at, because too many of their address were refused.
  public var unheard: UInt64
  /// Identities of tokens that are remembered.
  public var verifiedTokens: Int
  /// Key sets of issuers that are held.
  public var keySets: Int
}

extension Authenticator {
  /// Counts and gauges of now.
  public var measures: AuthenticationMeasures {
    AuthenticationMeasures(
      refusedCalls: refusals.count, unheard: unheard.load(ordering: .relaxed), verifiedTokens: tokens.count,
      keySets: keySets.count)
  }
}
