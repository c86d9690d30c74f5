/// What a file of an agent's output is.
public enum TargetFormat: String, Sendable, CaseIterable {
  /// A `Secret` manifest.
  case secret
  /// A `ClusterSecretStore` manifest with the provider `fake`, named `NAMESPACE.NAME`: what another federation server
  /// serves as it stands, when the output is among its manifests.
  case store
}
