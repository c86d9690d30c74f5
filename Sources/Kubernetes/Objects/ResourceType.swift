import FederationAPI

/// A kind of object as the API's paths name it, for example `secrets` in the core group.
public struct ResourceType: Sendable, Hashable {
  /// The API group, empty for the core group.
  public var group: String
  /// For example `v1`.
  public var version: String
  /// The plural in small letters, as in paths and RBAC rules.
  public var plural: String
  /// As an object's `kind` has it.
  public var kind: String
  /// Whether its objects stand in namespaces.
  public var isNamespaced: Bool

  /// Makes a type.
  public init(group: String, version: String, plural: String, kind: String, isNamespaced: Bool = true) {
    self.group = group
    self.version = version
    self.plural = plural
    self.kind = kind
    self.isNamespaced = isNamespaced
  }

  /// As an object's `apiVersion` has it: `v1`, `coordination.k8s.io/v1`.
  public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

  /// For messages: `secrets`, `leases.coordination.k8s.io`.
  public var title: String { group.isEmpty ? plural : "\(plural).\(group)" }

  /// The path of one object, or without `name` of all of them; without `namespace` in all namespaces.
  func path(namespace: String?, name: String? = nil, subresource: String? = nil) -> String {
    var path = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
    if isNamespaced, let namespace { path += "/namespaces/\(escaped(namespace))" }
    path += "/\(plural)"
    if let name { path += "/\(escaped(name))" }
    if let subresource { path += "/\(subresource)" }
    return path
  }
}

extension ResourceType {
  /// Secrets.
  public static let secrets = ResourceType(group: "", version: "v1", plural: "secrets", kind: "Secret")
  /// ConfigMaps.
  public static let configMaps = ResourceType(group: "", version: "v1", plural: "configmaps", kind: "ConfigMap")
  /// Pods.
  public static let pods = ResourceType(group: "", version: "v1", plural: "pods", kind: "Pod")
  /// Service accounts.
  public static let serviceAccounts = ResourceType(
    group: "", version: "v1", plural: "serviceaccounts", kind: "ServiceAccount")
  /// Events of the core group, which `kubectl describe` shows.
  public static let events = ResourceType(group: "", version: "v1", plural: "events", kind: "Event")
  /// Leases, by which a leader is elected.
  public static let leases = ResourceType(
    group: "coordination.k8s.io", version: "v1", plural: "leases", kind: "Lease")
}

/// `text` as one segment of a path or one value of a query.
func escaped(_ text: String) -> String {
  String(decoding: PercentEncoding.encode(text.utf8, keeping: PercentEncoding.isUnreserved), as: UTF8.self)
}
