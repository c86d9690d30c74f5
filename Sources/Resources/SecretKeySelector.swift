/// Names one entry of a Secret, as generators refer to their credentials.
public struct SecretKeySelector: Sendable, Hashable {
  /// The Secret's namespace: the generator's own where the manifest names none.
  public var namespace: String
  /// The Secret's `metadata.name`.
  public var name: String
  /// The entry of its `data`.
  public var key: String

  /// Makes a selector.
  public init(namespace: String, name: String, key: String) {
    self.namespace = namespace
    self.name = name
    self.key = key
  }
}
