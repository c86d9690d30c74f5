import FederationAPI
import YAML

extension GeneratorResource {
  /// Reads the manifest's spec; nil when something in it was reported. The Secrets that it names are added to
  /// `references`.
  init?(
    _ manifest: MappingReader, kind: GeneratorKind, name: ManifestName, location: SourceLocation,
    references: inout [SecretReference]
  ) {
    let report = manifest.report
    // Some kinds need nothing said, and then `spec` may be left out.
    let node = manifest.optional("spec")?.value ?? YAMLNode(.mapping([]), line: manifest.line)
    guard
      let spec = MappingReader(
        node, path: .text("spec"), line: manifest.optional("spec")?.keyLine ?? manifest.line,
        fields: kind.fields + ["leaseDuration"], report: report)
    else { return nil }
    var context = SecretContext(namespace: name.namespace)
    let lease = spec.lease()
    guard let content = GeneratorSpec(kind, spec, &context) else { return nil }
    references += context.secretReferences

    var kept = node
    if kind == .fake { kept.emptyData() }
    let snapshot = ManifestSnapshot.text(kind: kind, name: name, spec: kept)
    guard snapshot.utf8.count <= Self.maximumSnapshot else {
      report.error(manifest.line, "the manifest is larger than \(Self.maximumSnapshot >> 20) MiB; shorten its values")
      return nil
    }
    self.init(
      reference: GeneratorReference(namespace: name.namespace, kind: kind.rawValue, name: name.name), spec: content,
      secrets: context.needs, leaseSeconds: lease, snapshot: snapshot, location: location)
  }

  /// Reads a ``snapshot`` again, as cleanup needs it when the manifest has changed or gone.
  ///
  /// Fails with DATA_LOSS when `snapshot` is no such text, and with FAILED_PRECONDITION when it is one of a kind or
  /// with a field that this version does not serve.
  public init(snapshot: String) throws(RPCError) {
    var texts = RepeatedText()
    var limits = YAMLLimits()
    // Escapes make a text at most six times as long.
    limits.bytes = 8 * Self.maximumSnapshot
    let report = ManifestReport(maximum: 8)
    var decoder = ManifestDecoder(report: report)
    var isReadable = true
    var count = 0
    YAMLStream.read(snapshot.utf8.span.bytes, limits: limits, reusing: &texts) { document in
      count += 1
      isReadable = isReadable && document.problems.isEmpty && document.root?.type == .mapping
      decoder.decode(document)
    }
    guard isReadable, count == 1 else {
      throw RPCError(.dataLoss, "the generator's manifest that was kept with the credential is damaged")
    }
    let generators = decoder.manifests.generators
    guard let resource = generators.first, generators.count == 1, report.errorCount == 0 else {
      let reason = report.diagnostics.first(where: \.isError).map { ": \($0.message)" } ?? ""
      throw RPCError(
        .failedPrecondition,
        "this version cannot use the generator's manifest that was kept with the credential\(reason)")
    }
    self = resource
    location = SourceLocation(file: "a kept manifest", line: 0)
  }
}

extension GeneratorKind {
  /// The fields of `spec`, and those that are refused with advice of their own.
  fileprivate var fields: [String] {
    switch self {
    case .fake: FakeSpec.fields
    case .password: PasswordSpec.fields
    case .uuid: []
    case .sshKey: SSHKeySpec.fields
    case .basicAuth: BasicAuthSpec.fields
    case .mfa: MFASpec.fields
    case .webhook: WebhookSpec.fields
    case .postgreSql: PostgreSqlSpec.fields
    case .vaultDynamicSecret: VaultDynamicSecretSpec.fields
    }
  }
}

extension GeneratorSpec {
  fileprivate init?(_ kind: GeneratorKind, _ spec: MappingReader, _ context: inout SecretContext) {
    let content: GeneratorSpec? =
      switch kind {
      case .fake: FakeSpec(spec).map(GeneratorSpec.fake)
      case .password: PasswordSpec(spec).map(GeneratorSpec.password)
      case .uuid: .uuid
      case .sshKey: SSHKeySpec(spec).map(GeneratorSpec.sshKey)
      case .basicAuth: BasicAuthSpec(spec).map(GeneratorSpec.basicAuth)
      case .mfa: MFASpec(spec, &context).map(GeneratorSpec.mfa)
      case .webhook: WebhookSpec(spec, &context).map(GeneratorSpec.webhook)
      case .postgreSql: PostgreSqlSpec(spec, &context).map(GeneratorSpec.postgreSql)
      case .vaultDynamicSecret:
        VaultDynamicSecretSpec(spec, &context).map(GeneratorSpec.vaultDynamicSecret)
      }
    guard let content else { return nil }
    self = content
  }
}

extension MappingReader {
  /// `leaseDuration` in whole seconds; a fraction would end a credential at another time than its owner is told.
  fileprivate func lease() -> Int64? {
    let years = 10.0 * 365 * 86_400
    guard let lease = duration("leaseDuration", in: 1...years, "between `1s` and ten years, `87600h`") else {
      return nil
    }
    let seconds = lease.value.rounded()
    // `1.1h` is 3960 seconds, and a little more in binary.
    guard abs(seconds - lease.value) < 1e-6 else {
      report.error(lease.line, "\(name("leaseDuration")) must be a whole number of seconds")
      return nil
    }
    return Int64(seconds)
  }
}
