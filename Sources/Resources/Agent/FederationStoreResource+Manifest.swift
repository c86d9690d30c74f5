import YAML

extension FederationStoreResource {
  private static let fields = ["server", "store", "auth"]

  /// Reads the manifest; nil when something in it was reported.
  init?(_ manifest: MappingReader, name: ManifestName) {
    let advice = "say which server and store: `spec: {server: {url: ...}, store: ..., auth: {...}}`"
    guard let spec = manifest.mapping("spec", fields: Self.fields, advice) else { return nil }
    let server = spec.mapping(
      "server", fields: FederationServerReference.fields, "give the server's URL: `server: {url: https://...}`"
    ).flatMap { FederationServerReference($0, namespace: name.namespace) }
    let store = spec.objectName("store", "name the ClusterSecretStore on the server")
    let auth = spec.mapping(
      "auth", fields: FederationStoreAuth.fields, "say who the agent is, for example `auth: {kubernetes: {}}`"
    ).flatMap { FederationStoreAuth($0, namespace: name.namespace) }
    guard let server, let store, let auth else { return nil }
    self.init(namespace: name.namespace, name: name.name, server: server, store: store.value, auth: auth)
  }
}

extension FederationServerReference {
  static let fields = ["url", "transport", "caBundle", "caProvider"]
  private enum ProviderType: String, CaseIterable {
    case secret = "Secret"
    case configMap = "ConfigMap"
  }

  init?(_ server: MappingReader, namespace: String) {
    let errorsBefore = server.report.errorCount
    let url = server.string("url", "write the server's URL, `https://HOST[:PORT]`")
      .flatMap { server.checked($0, server.name("url"), by: FederationURL.check(like: FederationURL.server)) }
    let transport: Transport? = server.choice("transport", default: .auto)
    var certificates: CertificateSource?
    if let entry = server.optional("caBundle") {
      let name = server.name("caBundle")
      certificates = server.string(entry.value, name, emptyAdvice: "remove it, or give the server's CA")
        .flatMap { server.checked($0, name, by: { CABundle.decode($0) }) }.map { .bundle($0) }
    }
    if let entry = server.optional("caProvider") {
      if server.optional("caBundle") != nil {
        server.report.error(entry.keyLine, "\(server.name("caProvider")) stands beside `caBundle`; remove one of them")
      }
      certificates = Self.provider(entry, server, namespace)
    }
    guard let url, let transport, server.report.errorCount == errorsBefore else { return nil }
    self.init(url: url, transport: transport, certificates: certificates)
  }

  private static func provider(
    _ entry: YAMLEntry, _ server: MappingReader, _ namespace: String
  ) -> CertificateSource? {
    guard let provider = server.mapping(entry, fields: ["type", "name", "key", "namespace"]) else { return nil }
    let type: ProviderType? = provider.choice("type", default: .secret)
    var context = SecretContext(namespace: namespace)
    guard let type, let selector = context.selector(provider) else { return nil }
    return type == .secret ? .secret(selector) : .configMap(selector)
  }
}
