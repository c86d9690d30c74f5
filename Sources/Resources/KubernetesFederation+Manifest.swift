import YAML

extension KubernetesFederation {
  private static let fields = ["url", "audiences", "caBundle"]

  /// Reads the manifest's spec; nil when something in it was reported.
  init?(_ manifest: MappingReader, name: String, location: SourceLocation) {
    let report = manifest.report
    let advice = "write the URL of the cluster's API server, for example `url: https://10.0.0.1:6443`"
    guard let spec = manifest.mapping("spec", fields: Self.fields, advice) else { return nil }

    var url: String?
    if let text = spec.string("url", advice) {
      url = spec.checked(text, spec.name("url"), by: FederationURL.check)
    }
    let audiences = Self.audiences(spec)
    var caBundle: [UInt8]?
    if let entry = spec.optional("caBundle"),
      let text = spec.string(entry.value, spec.name("caBundle"), emptyAdvice: "remove it, or give the cluster's CA")
    {
      caBundle = spec.checked(text, spec.name("caBundle"), by: { CABundle.decode($0) })
    }

    if !name.isEmpty && spec.optional("audiences") == nil {
      report.warning(
        spec.line,
        "KubernetesFederation \(quoted(name)) has no `audiences`, so tokens made for any other service are accepted; "
          + "list the audience of this server's tokens in `spec.audiences`")
    }
    guard let url else { return nil }
    self.init(name: name, url: url, audiences: audiences, caBundle: caBundle, location: location)
  }

  private static func audiences(_ spec: MappingReader) -> [String]? {
    guard let entry = spec.optional("audiences"), let items = spec.items(entry) else { return nil }
    if items.isEmpty {
      spec.report.error(
        entry.keyLine, "`spec.audiences` is an empty list, which no token fits; list an audience, or remove the field")
    }
    return items.compactMap {
      spec.string($0.node, $0.name, emptyAdvice: "write an audience, or remove it")?.value
    }
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
