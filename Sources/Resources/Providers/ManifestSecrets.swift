import FederationAPI

/// The Secrets of one configuration, as those look them up who have credentials in them.
public struct ManifestSecrets: Sendable, Equatable {
  private struct Name: Hashable {
    var namespace: [UInt8]
    var name: [UInt8]
  }

  private let secrets: [Name: [String: SecretBytes]]

  /// Arranges `secrets` for lookups; names are compared by bytes.
  public init(_ secrets: [SecretResource]) {
    self.secrets = Dictionary(
      secrets.map { (Name(namespace: Array($0.namespace.utf8), name: Array($0.name.utf8)), $0.values) },
      uniquingKeysWith: { _, last in last })
  }

  /// What `selector` names, nil when no manifest defines it.
  public subscript(selector: SecretKeySelector) -> SecretBytes? {
    values(selector.namespace, selector.name)?[selector.key]
  }

  /// Whether what is needed is there.
  public func has(_ need: SecretNeed) -> Bool {
    guard let values = values(need.secret.namespace, need.secret.name) else { return false }
    return need.entry.map { values[$0] != nil } ?? true
  }

  private func values(_ namespace: String, _ name: String) -> [String: SecretBytes]? {
    secrets[Name(namespace: Array(namespace.utf8), name: Array(name.utf8))]
  }
}
