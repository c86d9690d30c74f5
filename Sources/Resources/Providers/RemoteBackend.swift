import YAML

/// A store whose values are fetched from somewhere else. The one place in this module that a new kind is added to.
public enum RemoteBackend: Sendable, Hashable {
  /// `provider.aws`.
  case aws(AWSStoreSpec)
  /// `provider.gcpsm`.
  case gcpsm(GCPStoreSpec)
  /// `provider.kubernetes`.
  case kubernetes(KubernetesStoreSpec)
  /// `provider.vault`.
  case vault(VaultStoreSpec)
  /// `provider.webhook`.
  case webhook(WebhookStoreSpec)

  /// As `spec.provider` names them.
  static let names = ["aws", "gcpsm", "kubernetes", "vault", "webhook"]

  /// Reads the provider in `entry`, whose key is one of ``names``; nil when something was reported.
  init?(_ entry: YAMLEntry, _ report: ManifestReport, _ context: inout SecretContext) {
    let backend: Self? =
      switch entry.key {
      case "aws": AWSStoreSpec(entry, report, &context).map(Self.aws)
      case "gcpsm": GCPStoreSpec(entry, report, &context).map(Self.gcpsm)
      case "kubernetes": KubernetesStoreSpec(entry, report, &context).map(Self.kubernetes)
      case "webhook": WebhookStoreSpec(entry, report, &context).map(Self.webhook)
      default: VaultStoreSpec(entry, report, &context).map(Self.vault)
      }
    guard let backend else { return nil }
    self = backend
  }
}
