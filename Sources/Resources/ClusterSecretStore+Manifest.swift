import FederationAPI
import YAML

extension ClusterSecretStore {
  private static let fields = ["provider", "controller", "conditions", "retrySettings", "refreshInterval"]
  private static let advice = "write `fake: {data: [...]}` or `local: {}`"

  /// Reads the manifest's spec; nil when something in it was reported. The Secrets that it names are added to
  /// `references`. `hasCluster` is as in ``SecretContext``.
  init?(
    _ manifest: MappingReader, name: String, location: SourceLocation, hasCluster: Bool,
    references: inout [SecretReference]
  ) {
    let caching = CachePolicy(manifest)
    guard let spec = manifest.mapping("spec", fields: Self.fields, "say where the secrets are, in `provider`") else {
      return nil
    }
    Self.checkSettings(spec)
    guard let provider = spec.required("provider", Self.advice) else { return nil }
    guard case .mapping(let entries) = provider.value.content else {
      _ = spec.mapping(provider, fields: Provider.names)
      return nil
    }
    guard let entry = entries.first, entries.count == 1 else {
      spec.report.error(provider.keyLine, "`spec.provider` must have exactly one provider; \(Self.advice)")
      return nil
    }
    var context = SecretContext(namespace: nil, hasCluster: hasCluster)
    guard let provider = Provider(entry, in: spec, &context), let caching else { return nil }
    references += context.secretReferences
    self.init(name: name, provider: provider, caching: caching, secrets: context.needs, location: location)
  }

  /// Settings that the operator of External Secrets knows: what would widen access when ignored is refused.
  private static func checkSettings(_ spec: MappingReader) {
    if let entry = spec.optional("controller"), let controller = spec.text(entry.value, spec.name("controller")),
      !["", "external-secrets"].contains(controller.value)
    {
      spec.report.error(
        controller.line,
        "`spec.controller` leaves the store to another controller; remove the field, or the manifest")
    }
    if let entry = spec.optional("conditions"), let items = spec.items(entry), !items.isEmpty {
      spec.report.error(
        entry.keyLine,
        "`spec.conditions` cannot be enforced for callers from other clusters; remove it, "
          + "and let Authorizations say who may read the store")
    }
    for field in ["retrySettings", "refreshInterval"] {
      guard let entry = spec.optional(field) else { continue }
      spec.report.warning(entry.keyLine, "\(spec.name(field)) has no effect on this server; remove it")
    }
  }
}

extension ClusterSecretStore.Provider {
  fileprivate static let names = ["fake", "local"] + RemoteBackend.names

  /// The providers of External Secrets that this version has no backend for.
  private static let unserved: Set<String> = [
    "akeyless", "alibaba", "azurekv", "barbican", "beyondtrust", "bitwardensecretsmanager", "chef", "cloudrusm",
    "conjur", "delinea", "device42", "doppler", "dvls", "fortanix", "github", "gitlab", "ibm", "infisical",
    "keepersecurity", "ngrok", "onboardbase", "onepassword", "onepasswordSDK", "openbao", "oracle",
    "passbolt", "passworddepot", "previder", "pulumi", "scaleway", "secretserver", "senhasegura",
    "volcengine", "yandexcertificatemanager", "yandexlockbox",
  ]

  fileprivate init?(_ entry: YAMLEntry, in spec: MappingReader, _ context: inout SecretContext) {
    switch entry.key {
    case "local":
      guard
        MappingReader(
          entry.value, path: .text("spec.provider.local"), line: entry.keyLine, fields: [], report: spec.report) != nil
      else { return nil }
      self = .local
    case "fake":
      guard let secrets = Self.secrets(entry, spec.report) else { return nil }
      self = .fake(secrets)
    case let name where RemoteBackend.names.contains(name):
      guard let backend = RemoteBackend(entry, spec.report, &context) else { return nil }
      self = .remote(backend)
    case let name where Self.unserved.contains(name):
      spec.report.error(
        entry.keyLine,
        "this version does not serve the provider \(quoted(name)) yet; use one of \(Suggestion.list(Self.names))")
      return nil
    default:
      let advice = Suggestion.advice(
        for: entry.key, among: Self.names, otherwise: "; use one of \(Suggestion.list(Self.names))")
      spec.report.error(entry.keyLine, "unknown provider \(quoted(entry.key))\(advice)")
      return nil
    }
  }

  private static func secrets(_ entry: YAMLEntry, _ report: ManifestReport) -> [FakeSecret]? {
    guard
      let fake = MappingReader(
        entry.value, path: .text("spec.provider.fake"), line: entry.keyLine, fields: ["data", "validationResult"],
        report: report)
    else { return nil }
    if let result = fake.optional("validationResult") {
      if result.value.type != .integer {
        report.error(
          result.value.line, "\(fake.name("validationResult")) must be a number, not \(result.value.type.phrase)")
      } else if result.value.content != .scalar("0", isPlain: true) {
        report.warning(result.value.line, "\(fake.name("validationResult")) has no effect on this server; remove it")
      }
    }
    guard let data = fake.required("data", "list the secrets, each with `key` and `value`"),
      let items = fake.items(data)
    else { return nil }

    var list = FakeSecretList(capacity: items.count)
    for item in items {
      guard let secret = FakeSecret(item.node, item.path, report) else { continue }
      if let first = list.append(secret, line: item.node.line) {
        report.error(
          item.node.line,
          "the secret \(quoted(secret.key)) is given twice with the same version, first on line "
            + "\(first); remove one of them")
      }
    }
    return list.secrets
  }
}

extension FakeSecret {
  private static let fields = ["key", "value", "version"]

  fileprivate init?(_ node: YAMLNode, _ path: FieldPath, _ report: ManifestReport) {
    // Refused by its own name, as the operator's documents still show it.
    if let line = node.keyLine(of: "valueMap") {
      report.error(
        line,
        "\(path.appending("valueMap").name) is deprecated and not read; write its entries as JSON text in `value`")
      return nil
    }
    guard let secret = MappingReader(node, path: path, line: node.line, fields: Self.fields, report: report) else {
      return nil
    }
    let key = secret.string("key", "name the secret")
    if let key, key.value.utf8.count > Limits.secretName {
      report.error(
        key.line,
        "\(secret.name("key")) is longer than \(Limits.secretName) bytes, so no request could name it; "
          + "shorten it")
    }
    let value = secret.required("value", "write the secret's text, `value: \"\"` for none")
      .flatMap { secret.text($0.value, secret.name("value")) }
    let version = secret.optional("version").flatMap { secret.text($0.value, secret.name("version")) }
    guard let key, let value else { return nil }
    self.init(
      key: key.value, value: SecretBytes(value.value), version: (version?.value).flatMap { $0.isEmpty ? nil : $0 })
  }
}
