import FederationAPI
import YAML

extension Authorization {
  private static let fields = [
    "federationRef", "subject", "allowedClusterSecretStores", "allowedGenerators", "allowedGeneratorStates",
  ]

  /// Reads the manifest's spec; nil when something in it was reported. What it names is added to `references`.
  init?(
    _ manifest: MappingReader, name: String, location: SourceLocation, references: inout [ManifestReference]
  ) {
    let report = manifest.report
    guard let spec = manifest.mapping("spec", fields: Self.fields, "say who may read what") else { return nil }
    let federation = Self.federation(spec, &references)
    let subject = Subject(spec)
    if let federation, case .spiffe = subject, federation.value.kind != "SpiffeFederation" {
      report.warning(
        federation.line, "a `spiffe` subject never matches a \(federation.value.kind); refer to a `SpiffeFederation`")
    }

    let stores = spec.items("allowedClusterSecretStores")?.compactMap { item in
      spec.string(item.node, item.name, emptyAdvice: "name a ClusterSecretStore, or remove it")
        .flatMap { spec.checkedName($0, item.name) }
    }
    for store in stores ?? [] {
      let target = ManifestKey(kind: "ClusterSecretStore", name: store.value)
      references.append(ManifestReference(target: target, location: report.location(store.line)))
    }
    let generators = spec.items("allowedGenerators")?.compactMap { item in
      let errorsBefore = report.errorCount
      let generator = GeneratorReference(item.node, item.path, report)
      if let generator, report.errorCount == errorsBefore {
        let target = ManifestKey(kind: generator.kind, namespace: generator.namespace, name: generator.name)
        references.append(ManifestReference(target: target, location: report.location(item.node.line)))
      }
      return generator
    }
    let states = spec.items("allowedGeneratorStates")?.compactMap { item in
      MappingReader(item.node, path: item.path, line: item.node.line, fields: ["namespace"], report: report)?
        .namespace("namespace")
    }

    guard let federation, let subject else { return nil }
    self.init(
      name: name, federationRef: federation.value, subject: subject,
      allowedClusterSecretStores: stores?.map(\.value) ?? [], allowedGenerators: generators ?? [],
      allowedGeneratorStates: states ?? [], location: location)
  }

  private static func federation(
    _ spec: MappingReader, _ references: inout [ManifestReference]
  ) -> Located<FederationReference>? {
    let advice = "name the federation whose tokens are meant: `federationRef: {kind: KubernetesFederation, name: ...}`"
    guard let reference = spec.mapping("federationRef", fields: ["kind", "name"], advice) else { return nil }
    let kinds = ManifestKind.federationKinds
    let kind = reference.string("kind", "write one of \(Suggestion.list(kinds))")
    let name = reference.objectName("name", "name the federation")
    guard let kind else { return nil }
    guard kinds.contains(kind.value) else {
      let advice = Suggestion.advice(
        for: kind.value, among: kinds, otherwise: "; write one of \(Suggestion.list(kinds))")
      spec.report.error(kind.line, "unknown federation kind \(quoted(kind.value))\(advice)")
      return nil
    }
    guard let name else { return nil }
    references.append(
      ManifestReference(
        target: ManifestKey(kind: kind.value, name: name.value), location: spec.report.location(name.line)))
    return Located(FederationReference(kind: kind.value, name: name.value), line: kind.line)
  }
}

extension Authorization.Subject {
  private static let fields = ["oidc", "spiffe", "issuer", "subject"]
  private static let rule = "spiffe or subject must be set"
  private static let advice =
    "\(rule); write `oidc` with `issuer` and `subject`, or `spiffe` with `spiffeID`, and only one of them"

  /// Reads `subject` of an Authorization: `oidc`, `spiffe`, or the older flat `issuer` and `subject`.
  fileprivate init?(_ spec: MappingReader) {
    guard let subject = spec.mapping("subject", fields: Self.fields, Self.advice) else { return nil }
    let oidc = subject.optional("oidc")
    let spiffe = subject.optional("spiffe")
    let isFlat = subject.optional("issuer") != nil || subject.optional("subject") != nil
    guard [oidc != nil, spiffe != nil, isFlat].count(where: { $0 }) == 1 else {
      if subject.hasNoMisspeltField { subject.report.error(subject.line, "`spec.subject`: \(Self.advice)") }
      return nil
    }
    if let spiffe {
      self.init(spiffe: spiffe, in: subject)
    } else if let oidc {
      guard let token = subject.mapping(oidc, fields: ["issuer", "subject"]) else { return nil }
      self.init(token: token)
    } else {
      self.init(token: subject)
    }
  }

  private init?(token: MappingReader) {
    let issuer = token.string("issuer", "write the `iss` of the tokens, exactly as the issuer writes it")
      .flatMap(token.checkedExact("issuer"))
    let subject = token.string(
      "subject", "write the `sub` of the tokens, for example `system:serviceaccount:default:app`"
    )
    .flatMap(token.checkedExact("subject"))
    guard let issuer, let subject else { return nil }
    self = .oidc(issuer: issuer, subject: subject)
  }

  private init?(spiffe entry: YAMLEntry, in subject: MappingReader) {
    let example = "`spiffe://example.org/shop/ns/default/sa/UID/shop/pod/UID/shop-0`"
    guard let spiffe = subject.mapping(entry, fields: ["spiffeID"]),
      let id = spiffe.string("spiffeID", "write the full SPIFFE ID, for example \(example)")
    else { return nil }
    guard SPIFFEID.isValid(id.value) else {
      subject.report.error(
        id.line, "\(spiffe.name("spiffeID")) is no SPIFFE ID; write it in full, for example \(example)")
      return nil
    }
    guard KubernetesAttributes(spiffeID: id.value) != nil else {
      subject.report.error(
        id.line,
        "\(spiffe.name("spiffeID")) can never match: its path must have the form "
          + "`\(KubernetesAttributes.spiffePathForm)`, as in \(example)")
      return nil
    }
    self = .spiffe(id: id.value)
  }
}

extension GeneratorReference {
  private static let fields = ["name", "kind", "namespace", "apiVersion"]

  fileprivate init?(_ node: YAMLNode, _ path: FieldPath, _ report: ManifestReport) {
    guard let grant = MappingReader(node, path: path, line: node.line, fields: Self.fields, report: report) else {
      return nil
    }
    let name = grant.objectName("name", "name the generator")
    let namespace = grant.namespace("namespace")
    let kind = grant.string("kind", "write the generator's kind, for example `Password`")
    if let kind, !KubernetesName.isKind(kind.value) {
      report.error(
        kind.line,
        "\(grant.name("kind")) \(quoted(kind.value)) is no kind; write it as the generator does, "
          + "for example `Password`")
    }
    if let entry = grant.optional("apiVersion"),
      let version = grant.string(entry.value, grant.name("apiVersion"), emptyAdvice: "remove it"),
      version.value != GeneratorKind.apiVersion
    {
      report.error(
        version.line, "\(grant.name("apiVersion")) must be \(quoted(GeneratorKind.apiVersion)), or be left out")
    }
    guard let name, let namespace, let kind else { return nil }
    self.init(namespace: namespace, kind: kind.value, name: name.value)
  }
}

extension MappingReader {
  fileprivate func namespace(_ field: String) -> String? {
    string(field, "name the namespace").flatMap { checkedNamespace($0, name(field)) }?.value
  }

  /// Refuses text with spaces or control characters at its ends: it is compared exactly, and would never match.
  fileprivate func checkedExact(_ field: String) -> (Located<String>) -> String? {
    { text in
      guard isBlank(text.value.unicodeScalars.first) || isBlank(text.value.unicodeScalars.last) else {
        return text.value
      }
      report.error(
        text.line, "\(name(field)) begins or ends with a space or line break and would never match; remove it")
      return nil
    }
  }

  private func isBlank(_ scalar: Unicode.Scalar?) -> Bool {
    guard let scalar else { return false }
    return scalar.isASCII ? scalar.value <= 0x20 : scalar.properties.isWhitespace
  }
}
