import YAML

extension PingIdentityFederation {
  private static let fields = ["region", "environmentId", "issuer", "audiences", "caBundle", "managementAPI"]

  /// Reads the manifest's spec; nil when something in it was reported. Secrets it names are added to `references`.
  init?(_ manifest: MappingReader, name: String, location: SourceLocation, references: inout [SecretReference]) {
    let advice = "write `region` and `environmentId` of your PingOne environment"
    guard let spec = manifest.mapping("spec", fields: Self.fields, advice) else { return nil }
    let regions = Suggestion.list(Region.allCases.map(\.rawValue))
    // The choice's fallback stands for a field that is missing, which is reported here.
    var region: Region?
    if spec.required("region", "write one of \(regions)") != nil { region = spec.choice("region", default: .com) }
    let environment = spec.string("environmentId", "write the environment's ID, a UUID")
    if let environment, !Self.isUUID(environment.value) {
      spec.report.error(
        environment.line,
        "`spec.environmentId` \(quoted(environment.value)) is no UUID; copy it from the environment's properties")
    }
    let trust = FederationTrustFields(spec, kind: "PingIdentityFederation", name: name)
    var management: ManagementAPI?
    if let entry = spec.optional("managementAPI"),
      let reader = spec.mapping(entry, fields: ["clientIdSecretRef", "clientSecretRef", "url"])
    {
      let clientID = reader.identitySecret("clientIdSecretRef", of: "PingIdentityFederation", &references)
      let secret = reader.identitySecret("clientSecretRef", of: "PingIdentityFederation", &references)
      let url = reader.optional("url").flatMap { entry in
        reader.string(entry.value, reader.name("url"), emptyAdvice: "remove it").flatMap {
          reader.checked($0, reader.name("url"), by: FederationURL.check(like: "https://api.pingone.eu"))
        }
      }
      if let clientID, let secret { management = ManagementAPI(clientID: clientID, clientSecret: secret, url: url) }
    }
    guard let region, let environment else { return nil }
    self.init(
      name: name, region: region, environmentID: environment.value, issuer: trust.issuer, audiences: trust.audiences,
      caBundle: trust.caBundle, managementAPI: management, location: location)
  }

  /// Five groups of hexadecimal digits (RFC 9562 section 4).
  private static func isUUID(_ text: String) -> Bool {
    let groups = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    return groups.map(\.count) == [8, 4, 4, 4, 12]
      && groups.allSatisfy { $0.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit } }
  }
}
