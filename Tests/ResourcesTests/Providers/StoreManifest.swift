/// Manifests of one store.
enum StoreManifest {
  /// A directory with a store of `provider`, whose fields begin on line 8 of `a.yaml`.
  static func directory(_ provider: String, _ fields: String) throws -> ManifestDirectory {
    let lines = fields.split(separator: "\n").map { "      \($0)" }.joined(separator: "\n")
    return try ManifestDirectory([
      "a.yaml": """
      apiVersion: external-secrets.io/v1
      kind: ClusterSecretStore
      metadata:
        name: store
      spec:
        provider:
          \(provider):
      \(lines)

      """
    ])
  }
}
