import FederationAPI

/// The Secrets of one configuration, as those look them up who have credentials in them.
public struct ManifestSecrets: Sendable {
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
    secrets[Name(namespace: Array(selector.namespace.utf8), name: Array(selector.name.utf8))]?[selector.key]
  }
}
