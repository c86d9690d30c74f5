import YAML

/// Turns documents into resources and checks what only shows across files.
struct ManifestDecoder {
  private(set) var manifests = Manifests()
  let report: ManifestReport
  /// Where each kind and name was first declared, whether or not the manifest was good.
  private var declared: [ManifestKey: SourceLocation] = [:]
  private var references: [ManifestReference] = []

  init(report: ManifestReport) { self.report = report }

  /// Reads one document of the report's current file.
  mutating func decode(_ document: YAMLDocument) {
    for problem in document.problems { report.error(problem.line, problem.message) }
    guard let root = document.root, root.type != .null else { return }
    decode(root, isItem: false, errorsBefore: report.errorCount - document.problems.count)
  }

  private static let fields = ["apiVersion", "kind", "metadata", "spec", "status"]
  private static let listFields = ["apiVersion", "kind", "metadata", "items"]

  private mutating func decode(_ node: YAMLNode, isItem: Bool, errorsBefore: Int) {
    let isList = !isItem && node["items"] != nil
    let fields = isList ? Self.listFields : Self.fields
    guard let manifest = MappingReader(node, path: .manifest, line: node.line, fields: fields, report: report) else {
      return
    }
    let kindText = manifest.string("kind", "name what the manifest describes, for example `kind: Authorization`")
    let versionText = manifest.string("apiVersion", Self.versionAdvice(kindText?.value))
    guard let kindText, let versionText else { return }
    if isList { return decodeList(manifest, kind: kindText, version: versionText) }

    guard let kind = checkedKind(kindText, versionText, manifest) else { return }
    let name = declaredName(manifest, kind: kind.rawValue)
    decodeSpec(kind, manifest, name: name, errorsBefore: errorsBefore)
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

  private static func versionAdvice(_ kind: String?) -> String {
    let kind = kind.flatMap(ManifestKind.init(rawValue:)) ?? .authorization
    return "write \(quoted("apiVersion: \(kind.apiVersions[0])"))"
      + (kind == .authorization ? "" : " for \(kind.rawValue)")
  }

  private mutating func checkedKind(
    _ kind: Located<String>, _ version: Located<String>, _ manifest: MappingReader
  ) -> ManifestKind? {
    guard let known = ManifestKind(rawValue: kind.value) else {
      if let advice = ManifestKind.adviceForUnserved(kind: kind.value, apiVersion: version.value) {
        _ = declaredName(manifest, kind: kind.value)
        report.error(kind.line, advice)
      } else {
        let names = ManifestKind.allCases.map(\.rawValue)
        let advice = Suggestion.advice(
          for: kind.value, among: names, otherwise: "; this server reads \(Suggestion.list(names))")
        report.error(kind.line, "unknown kind \(quoted(kind.value))\(advice)")
      }
      return nil
    }
    guard known.apiVersions.contains(version.value) else {
      let advice = Suggestion.nearest(to: version.value, among: known.apiVersions) ?? known.apiVersions[0]
      report.error(
        version.line,
        "`\(known.rawValue)` is not in \(quoted(version.value)); write \(quoted("apiVersion: \(advice)"))")
      return nil
    }
    return known
  }

  /// The manifest's name, noted as declared; nil when it is missing, no name, or another manifest's of this kind.
  private mutating func declaredName(_ manifest: MappingReader, kind: String) -> String? {
    let example = "name the object, for example `metadata: {name: example}`"
    guard let metadata = manifest.mapping("metadata", fields: ObjectMetadata.fields, example) else { return nil }
    ObjectMetadata.check(metadata)
    guard let name = metadata.objectName("name", "name the object") else { return nil }
    let key = ManifestKey(kind: kind, name: name.value)
    if let first = declared[key] {
      report.error(
        name.line, "\(kind) \(quoted(name.value)) is already defined at \(first); rename or remove one of them")
      return nil
    }
    declared[key] = report.location(manifest.line)
    return name.value
  }

  private mutating func decodeSpec(
    _ kind: ManifestKind, _ manifest: MappingReader, name: String?, errorsBefore: Int
  ) {
    let location = report.location(manifest.line)
    // The spec of a manifest without a usable name is read for its faults alone.
    let name = name ?? ""
    switch kind {
    case .kubernetesFederation:
      let resource = KubernetesFederation(manifest, name: name, location: location)
      if let resource, report.errorCount == errorsBefore { manifests.kubernetesFederations.append(resource) }
    case .authorization:
      let resource = Authorization(manifest, name: name, location: location, references: &references)
      if let resource, report.errorCount == errorsBefore { manifests.authorizations.append(resource) }
    case .clusterSecretStore:
      let resource = ClusterSecretStore(manifest, name: name, location: location)
      if let resource, report.errorCount == errorsBefore { manifests.clusterSecretStores.append(resource) }
    }
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
        "no manifest defines \(target.kind) \(quoted(target.name)); until one does, this grant has no effect")
    }
    references = []
  }
}

/// A kind and a name: what identifies a cluster-scoped object, whichever group its kind is written in.
struct ManifestKey: Hashable {
  var kind: String
  var name: String
}

/// Where a manifest names an object of another manifest.
struct ManifestReference {
  var target: ManifestKey
  var location: SourceLocation
}
