import Foundation
import TestSupport

/// The manifests that the conformance table is answered from.
enum ConformanceManifests {
  private static let certificateClusters =
    (1...6).map { "cold-\($0)" } + (1...4).map { "warm-\($0)" } + ["pinned", "mispinned"]

  static func write(
    to directory: TemporaryDirectory, urls: [IssuerSite: String], downURL: String, bundle: [UInt8],
    otherBundle: [UInt8]
  ) throws {
    func url(_ site: IssuerSite) -> String { urls[site] ?? "" }
    let federations =
      IssuerSite.allCases.map { federation($0.rawValue, url($0)) } + [
        federation("audience", url(.main), "  audiences: [ese-federation]\n"),
        federation("half-up", url(.main)), federation("half-down", downURL),
      ]
      + certificateClusters.map { name in
        switch name {
        case "pinned": federation(name, url(.main), "  caBundle: \(base64(bundle))\n")
        case "mispinned": federation(name, url(.main), "  caBundle: \(base64(otherBundle))\n")
        default: federation(name, url(.main))
        }
      }
    let authorizations =
      [
        authorization("main-app", "main", stores: ["app", "unconfigured"]),
        authorization("main-extra", "main", stores: ["extra"]),
        authorization("main-admin", "main", account: "admin", stores: ["app", "extra", "other"]),
        olderAuthorization("main-older", "main", account: "older", stores: ["app"]),
        authorization("other", "other", stores: ["other"]),
        authorization("audience", "audience", stores: ["audience"]),
        authorization("twin-one", "twin-one", stores: ["twin-one"]),
        authorization("twin-two", "twin-two", stores: ["twin-two"]),
        authorization("half-up", "half-up", stores: ["half"]),
        authorization("half-down", "half-down", issuerOf: "half-up", stores: ["half"]),
      ] + certificateClusters.map { authorization($0, $0, stores: ["app"]) }
    let stores = [
      store("app", ConformanceWorld.values.map { ($0.key, $0.value) }),
      store("extra", [("password", "extra value")]), store("other", [("password", "of other")]),
      store("audience", [("password", "for the audience")]), store("twin-one", [("password", "of twin one")]),
      store("twin-two", [("password", "of twin two")]), store("half", [("password", "of half")]),
    ]
    try directory.write(federations.joined(separator: "---\n"), to: "federations.yaml")
    try directory.write(authorizations.joined(separator: "---\n"), to: "grants/authorizations.yaml")
    try directory.write(stores.joined(separator: "---\n"), to: "stores/stores.yaml")
  }

  private static func federation(_ name: String, _ url: String, _ more: String = "") -> String {
    """
    apiVersion: identity.federation.external-secrets.io/v1alpha1
    kind: KubernetesFederation
    metadata: {name: \(name)}
    spec:
      url: \(url)
    \(more)
    """
  }

  private static func authorization(
    _ name: String, _ federation: String, issuerOf cluster: String? = nil, account: String = "app", stores: [String]
  ) -> String {
    head(name, federation, stores) + """
        subject:
          oidc:
            issuer: \(ConformanceWorld.issuer(cluster ?? federation))
            subject: system:serviceaccount:apps:\(account)

      """
  }

  private static func olderAuthorization(
    _ name: String, _ federation: String, account: String, stores: [String]
  ) -> String {
    head(name, federation, stores) + """
        subject:
          issuer: \(ConformanceWorld.issuer(federation))
          subject: system:serviceaccount:apps:\(account)

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

  private static func store(_ name: String, _ secrets: [(key: String, value: String)]) -> String {
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

  private static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

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
