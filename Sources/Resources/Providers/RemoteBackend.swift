import YAML

/// A store whose values are fetched from somewhere else. The one place in this module that a new kind is added to.
public enum RemoteBackend: Sendable, Hashable {
  /// `provider.vault`.
  case vault(VaultStoreSpec)

  /// As `spec.provider` names them.
  static let names = ["vault"]

  /// Reads the provider in `entry`, whose key is one of ``names``; nil when something was reported.
  init?(_ entry: YAMLEntry, _ report: ManifestReport, _ context: inout SecretContext) {
    guard let vault = VaultStoreSpec(entry, report, &context) else { return nil }
    self = .vault(vault)
  }
}
