import YAML

extension GCPStoreSpec {
  private static let fields = ["projectID", "location", "auth", "secretVersionSelectionPolicy", "endpoint"]

  /// Reads `spec.provider.gcpsm`; nil when something was reported.
  init?(_ entry: YAMLEntry, _ report: ManifestReport, _ context: inout SecretContext) {
    guard
      let reader = MappingReader(
        entry.value, path: .text("spec.provider.gcpsm"), line: entry.keyLine, fields: Self.fields, report: report)
    else { return nil }
    let errorsBefore = report.errorCount
    let project = reader.string("projectID", "name the project").flatMap { Self.segment($0, "projectID", reader) }
    let location = reader.optional("location").flatMap { entry in
      reader.string(entry.value, reader.name("location"), emptyAdvice: "remove it for global secrets")
        .flatMap { Self.segment($0, "location", reader) }
    }
    if let policy = reader.optional("secretVersionSelectionPolicy"),
      policy.value.content != .scalar("LatestOrFail", isPlain: true)
    {
      report.error(
        policy.keyLine,
        "\(reader.name("secretVersionSelectionPolicy")) must be `LatestOrFail`, what this server does; remove it")
    }
    let advice = "say how this server proves itself, by `secretRef` or `workloadIdentityFederation`"
    let credential = reader.mapping("auth", fields: Self.methods, advice).flatMap { Self.credential($0, &context) }
    let endpoint = reader.optional("endpoint").flatMap { entry in
      reader.string(entry.value, reader.name("endpoint"), emptyAdvice: "remove it for Google's own address")
        .flatMap { reader.checked($0, reader.name("endpoint"), by: BackendURL.check) }
    }
    guard let project, let credential, report.errorCount == errorsBefore else { return nil }
    self.init(
      project: project, location: location, credential: credential.source, isFederated: credential.isFederated,
      endpoint: endpoint)
  }

  private static let methods = ["secretRef", "workloadIdentity", "workloadIdentityFederation"]

  private static func credential(
    _ auth: MappingReader, _ context: inout SecretContext
  ) -> (source: CredentialSource, isFederated: Bool)? {
    auth.refuse("workloadIdentity", "is not served, as it needs the cluster's own metadata; use `secretRef`")
    guard auth.optional("workloadIdentity") == nil else { return nil }
    switch (auth.optional("secretRef"), auth.optional("workloadIdentityFederation")) {
    case (let entry?, nil):
      return auth.mapping(entry, fields: ["secretAccessKeySecretRef"])
        .flatMap { CredentialSource.required("secretAccessKeySecretRef", of: $0, &context) }
        .map { ($0, false) }
    case (nil, let entry?):
      let others = ["serviceAccountRef", "awsSecurityCredentials", "audience", "externalTokenEndpoint"]
      guard let reader = auth.mapping(entry, fields: ["credConfig"] + others) else { return nil }
      for other in others { reader.refuse(other, "is not served; write it into the configuration in `credConfig`") }
      return CredentialSource.required("credConfig", of: reader, &context).map { ($0, true) }
    default:
      auth.report.error(
        auth.line, "\(auth.path.name) must have one of `secretRef` and `workloadIdentityFederation`")
      return nil
    }
  }

  /// `text` when it can be one segment of a path.
  private static func segment(_ text: Located<String>, _ field: String, _ reader: MappingReader) -> String? {
    if KubernetesName.isLabel(text.value) { return text.value }
    reader.report.error(
      text.line,
      "\(reader.name(field)) \(quoted(text.value)) must be small letters, digits and `-`, as Google writes it")
    return nil
  }
}
