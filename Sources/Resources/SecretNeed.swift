/// What a store or generator needs of a Secret for its own credentials, or of a ConfigMap for certificates.
public struct SecretNeed: Sendable, Hashable {
  /// The Secret.
  public var secret: ResourceName
  /// The entry of its `data`; nil where the Secret as a whole is named.
  public var entry: String?

  /// Makes a need.
  public init(secret: ResourceName, entry: String?) {
    self.secret = secret
    self.entry = entry
  }
}
