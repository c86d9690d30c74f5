import YAML

extension KubernetesStoreSpec {
  private static let fields = ["server", "auth", "authRef", "remoteNamespace"]
  private static let defaultServer = "https://kubernetes.default"

  /// Reads `spec.provider.kubernetes`; nil when something was reported.
  init?(_ entry: YAMLEntry, _ report: ManifestReport, _ context: inout SecretContext) {
    guard
      let reader = MappingReader(
        entry.value, path: .text("spec.provider.kubernetes"), line: entry.keyLine, fields: Self.fields, report: report)
    else { return nil }
    let errorsBefore = report.errorCount
    reader.refuse("authRef", "is not served; give the kubeconfig's server in `server` and its token in `auth.token`")
    let server = Self.server(reader, &context)
    var namespace = "default"
    if let entry = reader.optional("remoteNamespace") {
      let name = reader.name("remoteNamespace")
      let text = reader.string(entry.value, name, emptyAdvice: "name it, or remove the field for `default`")
      namespace = text.flatMap { reader.checkedNamespace($0, name) }?.value ?? namespace
    }
    let authentication =
      reader.optional("authRef") == nil
      ? reader.mapping(
        "auth", fields: Authentication.fields, "say how this server proves itself, for example by `token`"
      )
      .flatMap { Authentication($0, &context) } : nil
    guard let server, let authentication, report.errorCount == errorsBefore else { return nil }
    self.init(server: server.url, trust: server.trust, namespace: namespace, authentication: authentication)
  }

  private static func server(
    _ reader: MappingReader, _ context: inout SecretContext
  ) -> (url: BackendURL, trust: TLSTrust?)? {
    guard let entry = reader.optional("server") else { return BackendURL(defaultServer).map { ($0, nil) } }
    guard let server = reader.mapping(entry, fields: ["url", "caBundle", "caProvider"]) else { return nil }
    let trust = TLSTrust.read(server, &context)
    guard let entry = server.optional("url") else {
      return trust.flatMap { trust in BackendURL(defaultServer).map { ($0, trust.value) } }
    }
    let url = server.string(entry.value, server.name("url"), emptyAdvice: "remove it for `\(defaultServer)`")
      .flatMap { server.checked($0, server.name("url"), by: BackendURL.check) }
    guard let trust, let url else { return nil }
    return (url, trust.value)
  }
}

extension KubernetesStoreSpec.Authentication {
  fileprivate static let fields = ["token", "cert", "serviceAccount"]
  /// What External Secrets asks for.
  private static let tokenSeconds: Int64 = 3_600

  /// Reads `auth`; nil when something was reported.
  fileprivate init?(_ auth: MappingReader, _ context: inout SecretContext) {
    let given = Self.fields.compactMap(auth.optional)
    guard let method = given.first, given.count == 1 else {
      auth.report.error(auth.line, "\(auth.path.name) must have exactly one of \(Suggestion.list(Self.fields))")
      return nil
    }
    switch method.key {
    case "serviceAccount":
      let source = ServiceAccountTokenSource.read(
        method.key, of: auth, context, expirationSeconds: Self.tokenSeconds,
        instead: "`token: {bearerToken: {file: PATH}}`")
      guard let source else { return nil }
      self = .serviceAccount(source)
    case "token":
      guard let reader = auth.mapping(method, fields: ["bearerToken"]),
        let source = CredentialSource.required("bearerToken", of: reader, &context)
      else { return nil }
      self = .token(source)
    default:
      guard let reader = auth.mapping(method, fields: ["clientCert", "clientKey"]) else { return nil }
      let chain = CredentialSource.required("clientCert", of: reader, &context, defaultKey: "tls.crt")
      let key = CredentialSource.required("clientKey", of: reader, &context, defaultKey: "tls.key")
      guard let chain, let key else { return nil }
      self = .certificate(chain, privateKey: key)
    }
  }
}
