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
        grant("main-app", "main", stores: ["app", "unconfigured"]),
        grant("main-extra", "main", stores: ["extra"]),
        grant("main-admin", "main", account: "admin", stores: ["app", "extra", "other"]),
        ManifestText.olderAuthorization(
          "main-older", "main", issuer: ConformanceWorld.issuer("main"), account: "older", stores: ["app"]),
        grant("other", "other", stores: ["other"]),
        grant("audience", "audience", stores: ["audience"]),
        grant("twin-one", "twin-one", stores: ["twin-one"]),
        grant("twin-two", "twin-two", stores: ["twin-two"]),
        grant("half-up", "half-up", stores: ["half"]),
        grant("half-down", "half-down", issuerOf: "half-up", stores: ["half"]),
      ] + certificateClusters.map { grant($0, $0, stores: ["app"]) }
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

  private static func grant(
    _ name: String, _ federation: String, issuerOf cluster: String? = nil, account: String = "app", stores: [String]
  ) -> String {
    let issuer = ConformanceWorld.issuer(cluster ?? federation)
    return ManifestText.authorization(name, federation, issuer: issuer, account: account, stores: stores)
  }

  private static func federation(_ name: String, _ url: String, _ more: String = "") -> String {
    ManifestText.federation(name, url, more)
  }

  private static func store(_ name: String, _ secrets: [(key: String, value: String)]) -> String {
    ManifestText.store(name, secrets)
  }

  private static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}
