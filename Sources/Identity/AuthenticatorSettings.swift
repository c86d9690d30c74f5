import FederationAPI

/// The bounds of key fetching and caching, and the clocks that they are measured by.
public struct AuthenticatorSettings: Sendable {
  /// How long a key set is used, counted from its fetch, while its issuer answers.
  public var keySetSeconds: Double = 600
  /// The age from which a key set that is asked for is fetched again while it is still used, so that nobody waits for it.
  public var keySetRefreshSeconds: Double = 480
  /// How long a key set is used, counted from its fetch, while newer ones cannot be fetched.
  public var staleKeySetSeconds: Double = 86_400
  /// The least time between two fetches of one key set for the sake of unknown key IDs.
  public var unknownKeyRefreshSeconds: Double = 10
  /// How long a failed fetch is remembered before it is tried again.
  public var failureSeconds: Double = 5
  /// How long one HTTP request to an issuer may take.
  public var fetchTimeoutSeconds: Double = 10
  /// How many certificate bundles of callers have a key set of their own, for each federation.
  public var maximumBundlesPerFederation = 32
  /// How many key sets are fetched at once, for each federation.
  public var maximumFetchesPerFederation = 4
  /// How many calls may wait for key sets before further ones are refused.
  public var maximumWaitingCalls = 4_096
  /// The memory for verified tokens, in bytes.
  public var verifiedTokenBytes = 64 << 20
  /// Seconds since 1970, for claims.
  public var wallClock: @Sendable () -> Int64 = { WallClock.nowSeconds }
  /// For the age of what is cached.
  public var monotonicClock: @Sendable () -> MonotonicTime = { .now }

  /// The defaults of a server.
  public init() {}
}
