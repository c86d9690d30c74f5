import YAML

extension KubernetesFederation {
  private static let fields = ["url", "issuer", "audiences", "caBundle"]

  /// Reads the manifest's spec; nil when something in it was reported.
  init?(_ manifest: MappingReader, name: String, location: SourceLocation) {
    let advice = "write the URL of the cluster's API server, for example `url: https://10.0.0.1:6443`"
    guard let spec = manifest.mapping("spec", fields: Self.fields, advice) else { return nil }

    let url = spec.string("url", advice).flatMap {
      spec.checked($0, spec.name("url"), by: FederationURL.check(like: FederationURL.apiServer))
    }
    let trust = FederationTrustFields(spec, kind: "KubernetesFederation", name: name)
    guard let url else { return nil }
    self.init(
      name: name, url: url, issuer: trust.issuer, audiences: trust.audiences, caBundle: trust.caBundle,
      location: location)
  }
}

extension MappingReader {
  /// What `check` makes of `text`; its fault is reported after the field's `name`.
  func checked<Value>(
    _ text: Located<String>, _ name: @autoclosure () -> String, by check: (String) -> Result<Value, FieldFault>
  ) -> Value? {
    switch check(text.value) {
    case .success(let value): return value
    case .failure(let fault):
      report.error(text.line, "\(name()) \(fault.text)")
      return nil
    }
  }
}
