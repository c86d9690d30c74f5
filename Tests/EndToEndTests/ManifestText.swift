/// Manifests as an operator writes them.
enum ManifestText {
  /// `more` holds further lines of the spec, each with two spaces before and a newline after.
  static func federation(_ name: String, _ url: String, _ more: String = "") -> String {
    """
    apiVersion: identity.federation.external-secrets.io/v1alpha1
    kind: KubernetesFederation
    metadata: {name: \(name)}
    spec:
      url: \(url)
    \(more)
    """
  }

  static func authorization(
    _ name: String, _ federation: String, issuer: String, account: String = "app", stores: [String]
  ) -> String {
    head(name, federation, stores) + """
        subject:
          oidc:
            issuer: \(issuer)
            subject: system:serviceaccount:apps:\(account)

      """
  }

  static func olderAuthorization(
    _ name: String, _ federation: String, issuer: String, account: String, stores: [String]
  ) -> String {
    head(name, federation, stores) + """
        subject:
          issuer: \(issuer)
          subject: system:serviceaccount:apps:\(account)

      """
  }

  /// `bundle` is a further line of the spec.
  static func spiffeFederation(_ name: String, _ trustDomain: String, _ bundle: String) -> String {
    """
    apiVersion: identity.federation.external-secrets.io/v1alpha1
    kind: SpiffeFederation
    metadata: {name: \(name)}
    spec:
      trustDomain: \(trustDomain)
      \(bundle)

    """
  }

  static func spiffeAuthorization(_ name: String, _ federation: String, id: String, stores: [String]) -> String {
    """
    apiVersion: federation.external-secrets.io/v1alpha1
    kind: Authorization
    metadata: {name: \(name)}
    spec:
      federationRef: {kind: SpiffeFederation, name: \(federation)}
      subject: {spiffe: {spiffeID: "\(id)"}}
      allowedClusterSecretStores: [\(stores.joined(separator: ", "))]

    """
  }

  private static func head(_ name: String, _ federation: String, _ stores: [String]) -> String {
    """
    apiVersion: federation.external-secrets.io/v1alpha1
    kind: Authorization
    metadata: {name: \(name)}
    spec:
      federationRef: {kind: KubernetesFederation, name: \(federation)}
      allowedClusterSecretStores: [\(stores.joined(separator: ", "))]

    """
  }

  static func store(_ name: String, _ secrets: [(key: String, value: String)]) -> String {
    """
    apiVersion: external-secrets.io/v1
    kind: ClusterSecretStore
    metadata: {name: \(name)}
    spec:
      provider:
        fake:
          data:

    """ + secrets.map { "      - {key: \(quoted($0.key)), value: \(quoted($0.value))}\n" }.joined()
  }

  /// A double-quoted scalar (YAML 1.1 section 9.2.1) with everything escaped that YAML could fold or refuse.
  private static func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar in
      switch scalar {
      case "\"", "\\": "\\" + String(scalar)
      case "\u{20}"..."\u{7E}": String(scalar)
      default: "\\U" + String(repeating: "0", count: 8 - hex(scalar).count) + hex(scalar)
      }
    }
    return "\"" + escaped.joined() + "\""
  }

  private static func hex(_ scalar: Unicode.Scalar) -> String { String(scalar.value, radix: 16, uppercase: true) }
}
