import FederationAPI
import YAML

/// Turns documents into resources and checks what only shows across files.
struct ManifestDecoder {
  private(set) var manifests = Manifests()
  private(set) var agentManifests = AgentManifests()
  let report: ManifestReport
  private let audience: ManifestAudience
  /// Where each kind and name was first declared, whether or not the manifest was good.
  private var declared: [ManifestKey: SourceLocation] = [:]
  private var references: [ManifestReference] = []
  private var secretReferences: [SecretReference] = []
  /// Whether it is not known yet whether a Secret is there.
  var isUnread: (ResourceName) -> Bool = { _ in false }
  /// Whether the server that is to use the resources can have a cluster make tokens of service accounts.
  var hasCluster = false
  /// Whether everybody on the machine may read the report's current file.
  var isFileReadableByOthers = false
  private var fileWarnedOf: String?

  init(report: ManifestReport, audience: ManifestAudience = .server) {
    self.report = report
    self.audience = audience
  }

  /// Reads one document of the report's current file.
  mutating func decode(_ document: YAMLDocument) {
    for problem in document.problems { report.error(problem.line, problem.message) }
    guard let root = document.root, root.type != .null else { return }
    decode(root, isItem: false, errorsBefore: report.errorCount - document.problems.count)
  }

  private static let fields = ["apiVersion", "kind", "metadata", "spec", "status"]
  private static let secretFields = ["apiVersion", "kind", "metadata"] + SecretResource.fields
  private static let configMapFields = ["apiVersion", "kind", "metadata"] + ConfigMapResource.fields
  private static let listFields = ["apiVersion", "kind", "metadata", "items"]

  private mutating func decode(_ node: YAMLNode, isItem: Bool, errorsBefore: Int) {
    let isList = !isItem && node["items"] != nil
    let fields = isList ? Self.listFields : Self.fields(of: node)
    guard let manifest = MappingReader(node, path: .manifest, line: node.line, fields: fields, report: report) else {
      return
    }
    let kindText = manifest.string("kind", "name what the manifest describes, for example `kind: Authorization`")
    let versionText = manifest.string("apiVersion", versionAdvice(kindText?.value))
    guard let kindText, let versionText else { return }
    if isList { return decodeList(manifest, kind: kindText, version: versionText) }

    guard let kind = checkedKind(kindText, versionText, manifest) else { return }
    let name = declaredName(manifest, kind: kind.name, isNamespaced: kind.isNamespaced)
    decodeSpec(kind, manifest, name: name, errorsBefore: errorsBefore)
  }

  /// Takes a Secret that was read before.
  mutating func take(_ secret: SecretResource) {
    declared[ManifestKey(secret)] = secret.location
    manifests.secrets.append(secret)
  }

  /// The Secrets that what was decoded so far refers to, each with the files that do, but for `refused` ones.
  func namedSecrets(without refused: Set<String>) -> [ResourceName: Set<String>] {
    var named: [ResourceName: Set<String>] = [:]
    for reference in secretReferences where !refused.contains(reference.location.file) {
      if let need = reference.need { named[need.secret, default: []].insert(reference.location.file) }
    }
    return named
  }

  /// A Secret's and a ConfigMap's values stand beside their metadata.
  private static func fields(of manifest: YAMLNode) -> [String] {
    guard case .scalar(let kind, _) = manifest["kind"]?.content else { return fields }
    switch kind {
    case ManifestKind.secret.name: return secretFields
    case ManifestKind.configMap.name: return configMapFields
    default: return fields
    }
  }

  private mutating func decodeList(_ list: MappingReader, kind: Located<String>, version: Located<String>) {
    guard kind.value == "List", version.value == "v1" else {
      report.error(kind.line, "a manifest with `items` must be `kind: List` of `apiVersion: v1`")
      return
    }
    guard let items = list.items("items") else { return }
    for item in items {
      decode(item.node, isItem: true, errorsBefore: report.errorCount)
    }
  }

  private func versionAdvice(_ kind: String?) -> String {
    let usual = audience == .server ? ManifestKind.authorization : .externalSecret
    let kind = kind.flatMap { ManifestKind(name: $0, for: audience) } ?? usual
    return "write \(quoted("apiVersion: \(kind.apiVersions[0])"))"
      + (kind == usual ? "" : " for \(kind.name)")
  }

  private mutating func checkedKind(
    _ kind: Located<String>, _ version: Located<String>, _ manifest: MappingReader
  ) -> ManifestKind? {
    guard let known = ManifestKind(name: kind.value, for: audience) else {
      if let advice = ManifestKind.adviceForUnserved(
        kind: kind.value, apiVersion: version.value, audience: audience)
      {
        let isGenerator = version.value.hasPrefix(GeneratorKind.groupPrefix)
        _ = declaredName(manifest, kind: kind.value, isNamespaced: isGenerator)
        report.error(kind.line, advice)
      } else {
        let names = ManifestKind.names(for: audience)
        let reader = audience == .server ? "this server" : "the agent"
        let advice = Suggestion.advice(
          for: kind.value, among: names, otherwise: "; \(reader) reads \(Suggestion.list(names))")
        report.error(kind.line, "unknown kind \(quoted(kind.value))\(advice)")
      }
      return nil
    }
    guard known.apiVersions.contains(version.value) else {
      let advice = Suggestion.nearest(to: version.value, among: known.apiVersions) ?? known.apiVersions[0]
      report.error(
        version.line,
        "`\(known.name)` is not in \(quoted(version.value)); write \(quoted("apiVersion: \(advice)"))")
      return nil
    }
    return known
  }

  /// The manifest's name, noted as declared; nil when it is missing, no name, or another manifest's of this kind.
  private mutating func declaredName(_ manifest: MappingReader, kind: String, isNamespaced: Bool) -> ManifestName? {
    let example = "name the object, for example `metadata: {name: example}`"
    guard let metadata = manifest.mapping("metadata", fields: ObjectMetadata.fields, example) else { return nil }
    ObjectMetadata.check(metadata)
    let name = metadata.objectName("name", "name the object")
    var namespace: String?
    if isNamespaced {
      namespace = ObjectMetadata.namespace(metadata)
      guard namespace != nil else { return nil }
    }
    guard let name else { return nil }
    let key = ManifestKey(kind: kind, namespace: namespace, name: name.value)
    if let first = declared[key] {
      report.error(
        name.line, "\(kind) \(quoted(key.title)) is already defined at \(first); rename or remove one of them")
      return nil
    }
    declared[key] = report.location(manifest.line)
    return ManifestName(namespace: namespace ?? ManifestName.defaultNamespace, name: name.value)
  }

  private mutating func decodeSpec(
    _ kind: ManifestKind, _ manifest: MappingReader, name: ManifestName?, errorsBefore: Int
  ) {
    let location = report.location(manifest.line)
    // The spec of a manifest without a usable name is read for its faults alone.
    let fullName = name ?? .unusable
    let name = fullName.name
    switch kind {
    case .kubernetesFederation:
      let resource = KubernetesFederation(manifest, name: name, location: location)
      if let resource, report.errorCount == errorsBefore { manifests.kubernetesFederations.append(resource) }
    case .oktaFederation:
      let resource = OktaFederation(manifest, name: name, location: location, references: &secretReferences)
      if let resource, report.errorCount == errorsBefore { manifests.oktaFederations.append(resource) }
    case .pingIdentityFederation:
      let resource = PingIdentityFederation(manifest, name: name, location: location, references: &secretReferences)
      if let resource, report.errorCount == errorsBefore { manifests.pingIdentityFederations.append(resource) }
    case .oidcFederation:
      let resource = OIDCFederation(manifest, name: name, location: location)
      if let resource, report.errorCount == errorsBefore { manifests.oidcFederations.append(resource) }
    case .spiffeFederation:
      let resource = SpiffeFederation(manifest, name: name, location: location)
      if let resource, report.errorCount == errorsBefore { manifests.spiffeFederations.append(resource) }
    case .authorization:
      let resource = Authorization(manifest, name: name, location: location, references: &references)
      if let resource, report.errorCount == errorsBefore { manifests.authorizations.append(resource) }
    case .clusterSecretStore:
      let resource = ClusterSecretStore(
        manifest, name: name, location: location, hasCluster: hasCluster, references: &secretReferences)
      if let resource, report.errorCount == errorsBefore { manifests.clusterSecretStores.append(resource) }
    case .secret:
      warnOfReadableFile(manifest)
      let resource = SecretResource(manifest, name: fullName, location: location)
      if let resource, report.errorCount == errorsBefore { manifests.secrets.append(resource) }
    case .generator(let kind):
      let resource = GeneratorResource(
        manifest, kind: kind, name: fullName, location: location, references: &secretReferences)
      if let resource, report.errorCount == errorsBefore { manifests.generators.append(resource) }
    case .configMap where audience == .server:
      let resource = SecretResource(configMap: manifest, name: fullName, location: location)
      if let resource, report.errorCount == errorsBefore { manifests.secrets.append(resource) }
    case .federationStore, .externalSecret, .federationGenerator, .configMap:
      agentManifests.append(kind, manifest, name: fullName, location: location, errorsBefore: errorsBefore)
    }
  }

  /// Once for each file.
  private mutating func warnOfReadableFile(_ secret: MappingReader) {
    guard isFileReadableByOthers, fileWarnedOf != report.file else { return }
    fileWarnedOf = report.file
    report.warning(
      secret.line,
      "holds a Secret, and everybody on this machine may read the file; take that away with `chmod o-r`")
  }

  /// Warns of references to what no manifest declares; to be called when every file was read.
  ///
  /// A warning only: the manifests of one change may arrive one after the other.
  mutating func checkReferences() {
    for reference in references where declared[reference.target] == nil {
      report.file = reference.location.file
      let target = reference.target
      report.warning(
        reference.location.line,
        "no manifest defines \(target.kind) \(quoted(target.title)); until one does, this grant has no effect")
    }
    references = []
    checkIssuers()
    checkTrustDomains()
    checkSecretReferences()
  }

  /// Warns of grants for tokens that their federation can never have made.
  private func checkIssuers() {
    let issuers = Dictionary(
      manifests.federations.compactMap { federation in federation.issuer.map { (federation.reference, $0) } },
      uniquingKeysWith: { first, _ in first })
    guard !issuers.isEmpty else { return }
    for authorization in manifests.authorizations {
      guard case .oidc(let issuer, _) = authorization.subject, let expected = issuers[authorization.federationRef],
        !issuer.utf8.elementsEqual(expected.utf8)
      else { continue }
      report.file = authorization.location.file
      report.warning(
        authorization.location.line,
        "the tokens of \(authorization.federationRef.kind) \(quoted(authorization.federationRef.name)) have the issuer "
          + "\(quoted(expected)) and not \(quoted(issuer)); until both are the same, this grant has no effect")
    }
  }

  /// Warns of grants for SPIFFE IDs of another trust domain than their federation's (docs/SECURITY.md, D25).
  private func checkTrustDomains() {
    guard !manifests.spiffeFederations.isEmpty else { return }
    let domains = Dictionary(
      manifests.spiffeFederations.map { ($0.name, $0.trustDomain) }, uniquingKeysWith: { first, _ in first })
    for authorization in manifests.authorizations {
      guard case .spiffe(let id) = authorization.subject, authorization.federationRef.kind == "SpiffeFederation",
        let domain = domains[authorization.federationRef.name],
        !SPIFFEID.trustDomain(of: id).utf8.elementsEqual(domain.utf8)
      else { continue }
      report.file = authorization.location.file
      report.warning(
        authorization.location.line,
        "SpiffeFederation \(quoted(authorization.federationRef.name)) is of the trust domain \(quoted(domain)) and not "
          + "\(quoted(SPIFFEID.trustDomain(of: id))); until both are the same, this grant has no effect")
    }
  }

  private mutating func checkSecretReferences() {
    guard !secretReferences.isEmpty else { return }
    let secrets = Dictionary(
      manifests.secrets.map { (ManifestKey($0), $0.values) },
      uniquingKeysWith: { first, _ in first })
    // A template may name one entry many times.
    var seen: Set<SecretReference> = []
    for reference in secretReferences where seen.insert(reference).inserted {
      report.file = reference.location.file
      let secret = "\(reference.key.kind) \(quoted(reference.key.title))"
      if let need = reference.need, isUnread(need.secret) { continue }
      if declared[reference.key] == nil {
        report.warning(
          reference.location.line,
          "no manifest defines \(secret); until one does, \(reference.consequence)")
      } else if let entry = reference.entry, let values = secrets[reference.key], values[entry] == nil {
        report.warning(
          reference.location.line,
          "\(secret) has no key \(quoted(entry)); until it has, \(reference.consequence)")
      }
    }
    secretReferences = []
  }
}

extension ManifestKey {
  fileprivate init(_ secret: SecretResource) {
    let kind = secret.isConfigMap ? ManifestKind.configMap : .secret
    self.init(kind: kind.name, namespace: secret.namespace, name: secret.name)
  }
}
