import FederationAPI

/// The Secrets and ConfigMaps of one configuration, as those look them up who have credentials in them.
public struct ManifestSecrets: Sendable, Equatable {
  private struct Name: Hashable {
    var namespace: [UInt8]
    var name: [UInt8]
    var isConfigMap: Bool

    init(_ namespace: String, _ name: String, isConfigMap: Bool) {
      self.namespace = Array(namespace.utf8)
      self.name = Array(name.utf8)
      self.isConfigMap = isConfigMap
    }
  }

  private let secrets: [Name: [String: SecretBytes]]

  /// Arranges `secrets` for lookups; names are compared by bytes.
  public init(_ secrets: [SecretResource]) {
    self.secrets = Dictionary(
      secrets.map { (Name($0.namespace, $0.name, isConfigMap: $0.isConfigMap), $0.values) },
      uniquingKeysWith: { _, last in last })
  }

  /// What `selector` names, nil when no manifest defines it.
  public subscript(selector: SecretKeySelector) -> SecretBytes? {
    secrets[Name(selector.namespace, selector.name, isConfigMap: selector.isConfigMap)]?[selector.key]
  }

  /// Whether what is needed is there.
  public func has(_ need: SecretNeed) -> Bool {
    let name = Name(need.secret.namespace, need.secret.name, isConfigMap: need.secret.isConfigMap)
    guard let values = secrets[name] else { return false }
    return need.entry.map { values[$0] != nil } ?? true
  }
}
