/// Names one entry of a Secret, as generators refer to their credentials, or of a ConfigMap, as certificates may be.
public struct SecretKeySelector: Sendable, Hashable {
  /// The Secret's namespace: the generator's own where the manifest names none.
  public var namespace: String
  /// The Secret's `metadata.name`.
  public var name: String
  /// The entry of its `data`.
  public var key: String
  /// Whether it is a ConfigMap and no Secret.
  public var isConfigMap: Bool

  /// Makes a selector.
  public init(namespace: String, name: String, key: String, isConfigMap: Bool = false) {
    self.namespace = namespace
    self.name = name
    self.key = key
    self.isConfigMap = isConfigMap
  }
}
