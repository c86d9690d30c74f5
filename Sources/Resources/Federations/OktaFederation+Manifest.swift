import YAML

extension OktaFederation {
  private static let fields = ["domain", "authorizationServerId", "issuer", "audiences", "caBundle", "managementAPI"]

  /// Reads the manifest's spec; nil when something in it was reported. Secrets it names are added to `references`.
  init?(_ manifest: MappingReader, name: String, location: SourceLocation, references: inout [SecretReference]) {
    let advice = "write the URL of your Okta organisation, for example `domain: https://example.okta.com`"
    guard let spec = manifest.mapping("spec", fields: Self.fields, advice) else { return nil }
    let domain = spec.string("domain", advice).flatMap {
      spec.checked($0, spec.name("domain"), by: FederationURL.check(like: FederationURL.okta))
    }
    let serverID = spec.line("authorizationServerId", default: "default", maximum: 128)
    if let serverID, !serverID.utf8.allSatisfy({ KubernetesName.isAlphanumeric($0) || "-_".utf8.contains($0) }) {
      spec.report.error(
        spec.line, "`spec.authorizationServerId` \(quoted(serverID)) is no ID; copy it from Okta's list of servers")
    }
    let trust = FederationTrustFields(spec, kind: "OktaFederation", name: name)
    var apiToken: SecretKeySelector?
    if let entry = spec.optional("managementAPI"),
      let management = spec.mapping(entry, fields: ["apiTokenSecretRef"])
    {
      apiToken = management.identitySecret("apiTokenSecretRef", of: "OktaFederation", &references)
    }
    guard let domain, let serverID else { return nil }
    self.init(
      name: name, domain: domain, authorizationServerID: serverID, issuer: trust.issuer, audiences: trust.audiences,
      caBundle: trust.caBundle, apiToken: apiToken, location: location)
  }
}
