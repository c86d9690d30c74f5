/// A namespaced object's full name, among objects of one kind or, where ``isConfigMap`` tells them apart, of two.
public struct ResourceName: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// `metadata.namespace`.
  public var namespace: String
  /// `metadata.name`.
  public var name: String
  /// Whether it is a ConfigMap's, among Secrets'.
  public var isConfigMap: Bool

  /// `Secret` or `ConfigMap`, where it is one of theirs.
  public var secretKind: String { isConfigMap ? "ConfigMap" : "Secret" }

  /// Makes a name.
  public init(namespace: String, name: String, isConfigMap: Bool = false) {
    self.namespace = namespace
    self.name = name
    self.isConfigMap = isConfigMap
  }

  /// For example `demo/database`.
  public var description: String { "\(namespace)/\(name)" }

  /// By namespace, then by name, Secrets first.
  public static func < (left: ResourceName, right: ResourceName) -> Bool {
    (left.namespace, left.name, left.isConfigMap ? 1 : 0) < (right.namespace, right.name, right.isConfigMap ? 1 : 0)
  }
}
