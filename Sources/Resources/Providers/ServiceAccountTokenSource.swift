/// A token of a service account that the server has its own cluster make (TokenRequest, `authentication.k8s.io/v1`).
public struct ServiceAccountTokenSource: Sendable, Hashable {
  /// The account.
  public var account: ResourceName
  /// Whom the token is for (`spec.audiences`); empty for the cluster's own API server.
  public var audiences: [String]
  /// How long it is asked for, in seconds; the API may give one that ends earlier.
  public var expirationSeconds: Int64

  /// Makes a source without checking it.
  public init(account: ResourceName, audiences: [String] = [], expirationSeconds: Int64) {
    self.account = account
    self.audiences = audiences
    self.expirationSeconds = expirationSeconds
  }
}
