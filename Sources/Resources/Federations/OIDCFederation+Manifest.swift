import YAML

extension OIDCFederation {
  private static let fields = ["issuer", "audiences", "caBundle"]

  /// Reads the manifest's spec; nil when something in it was reported.
  init?(_ manifest: MappingReader, name: String, location: SourceLocation) {
    let advice = "write the `iss` of the tokens, for example `issuer: https://token.actions.githubusercontent.com`"
    guard let spec = manifest.mapping("spec", fields: Self.fields, advice) else { return nil }
    guard spec.required("issuer", advice) != nil else { return nil }
    let trust = FederationTrustFields(spec, kind: "OIDCFederation", name: name)
    guard let issuer = trust.issuer else { return nil }
    self.init(
      name: name, issuer: issuer, audiences: trust.audiences, caBundle: trust.caBundle, location: location)
  }
}
