import FederationAPI

/// A Kubernetes `Secret` (`v1`) among the manifests: what stores and generators refer to for their own credentials; or a
/// `ConfigMap`, where they may have certificates from. No caller can read it.
public struct SecretResource: Sendable, Equatable {
  /// `metadata.namespace`, `default` where the manifest names none.
  public var namespace: String
  /// `metadata.name`.
  public var name: String
  /// `data`, decoded, with `stringData` over it. Keys are at most 253 characters of `[-._a-zA-Z0-9]`.
  public var values: [String: SecretBytes]
  /// The manifest's first line.
  public var location: SourceLocation
  /// Whether it is a ConfigMap, which nothing but certificates is taken from.
  public var isConfigMap: Bool

  /// Makes a Secret without checking it; ``ManifestLoader`` checks.
  public init(
    namespace: String = "default", name: String, values: [String: SecretBytes], location: SourceLocation,
    isConfigMap: Bool = false
  ) {
    self.isConfigMap = isConfigMap
    self.namespace = namespace
    self.name = name
    self.values = values
    self.location = location
  }
}
