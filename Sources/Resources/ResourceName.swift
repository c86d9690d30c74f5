/// A namespaced object's full name.
public struct ResourceName: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// `metadata.namespace`.
  public var namespace: String
  /// `metadata.name`.
  public var name: String

  /// Makes a name.
  public init(namespace: String, name: String) {
    self.namespace = namespace
    self.name = name
  }

  /// For example `demo/database`.
  public var description: String { "\(namespace)/\(name)" }

  /// By namespace, then by name.
  public static func < (left: ResourceName, right: ResourceName) -> Bool {
    (left.namespace, left.name) < (right.namespace, right.name)
  }
}
