import YAML

extension VaultSpec.Authentication {
  /// Where a pod's own token is.
  private static let podToken = CredentialSource.file("/var/run/secrets/kubernetes.io/serviceaccount/token")
  private static let methods = ["tokenSecretRef", "appRole", "kubernetes", "jwt", "cert", "userPass"]
  private static let unserved = ["ldap", "iam", "gcp"]
  /// What External Secrets asks for where no other time is named.
  private static let tokenSeconds = 600
  /// Whom it asks for in `jwt` where no audience is named.
  private static let tokenAudience = "vault"
  private static let projected = "`secretRef: {file: PATH}`"
  static let fields = methods + unserved + ["namespace"]

  /// Reads `auth`; nil when something was reported.
  init?(_ auth: MappingReader, _ context: inout SecretContext) {
    let served = Suggestion.list(Self.methods)
    for method in Self.unserved { auth.refuse(method, "is not served by this version; use one of \(served)") }
    let given = Self.methods.filter { auth.optional($0) != nil }
    guard let method = given.first, given.count == 1 else {
      let isRefused = Self.unserved.contains { auth.optional($0) != nil }
      if !given.isEmpty || !isRefused {
        auth.report.error(auth.line, "\(auth.path.name) must have exactly one of \(served)")
      }
      return nil
    }
    let parsed: Self? =
      switch method {
      case "tokenSecretRef":
        CredentialSource.required(method, of: auth, &context, defaultKey: "token").map(Self.token)
      case "appRole": Self.appRole(auth, &context)
      case "kubernetes": Self.kubernetes(auth, &context)
      case "jwt": Self.jwt(auth, &context)
      case "cert": Self.certificate(auth, &context)
      default: Self.userPassword(auth, &context)
      }
    guard let parsed else { return nil }
    self = parsed
  }

  private static func method(_ name: String, of auth: MappingReader, _ fields: [String]) -> MappingReader? {
    auth.optional(name).flatMap { auth.mapping($0, fields: fields) }
  }

  private static func mount(_ field: String, of reader: MappingReader, default fallback: String) -> String? {
    reader.optional(field) == nil ? fallback : reader.vaultPath(field)
  }

  private static func appRole(_ auth: MappingReader, _ context: inout SecretContext) -> Self? {
    guard let reader = method("appRole", of: auth, ["path", "roleId", "roleRef", "secretRef"]) else { return nil }
    let mount = mount("path", of: reader, default: "approle")
    let secret = CredentialSource.required("secretRef", of: reader, &context)
    var roleID: VaultSpec.Text?
    if reader.optional("roleRef") != nil {
      if let plain = reader.optional("roleId") {
        reader.report.error(
          plain.keyLine,
          "\(reader.name("roleId")) and \(reader.name("roleRef")) exclude each other; remove one of them")
      }
      roleID = CredentialSource.read("roleRef", of: reader, &context).map(VaultSpec.Text.source)
    } else {
      roleID = reader.string("roleId", "write the role's ID, or `roleRef` for where it is").map { .plain($0.value) }
    }
    guard let mount, let secret, let roleID else { return nil }
    return .appRole(mount: mount, roleID: roleID, secretID: secret)
  }

  private static func kubernetes(_ auth: MappingReader, _ context: inout SecretContext) -> Self? {
    let fields = ["mountPath", "role", "secretRef", "serviceAccountRef"]
    guard let reader = method("kubernetes", of: auth, fields) else { return nil }
    let mount = mount("mountPath", of: reader, default: "kubernetes")
    let role = reader.string("role", "name the role of Vault's Kubernetes method")
    if let entry = reader.optional("serviceAccountRef") {
      guard isAlone(entry, beside: "secretRef", reader) else { return nil }
      let source = ServiceAccountTokenSource.read(
        entry.key, of: reader, context, expirationSeconds: Int64(tokenSeconds), instead: projected)
      if source?.audiences.isEmpty == true {
        reader.report.warning(
          entry.keyLine,
          "\(reader.name(entry.key)) names no `audiences`: the token is good for this cluster's API server, too, where "
            + "Vault could act as the account; name one, and the same as `audience` of Vault's role")
      }
      guard let mount, let role, let source else { return nil }
      return .serviceAccount(mount: mount, role: role.value, source)
    }
    let hasToken = reader.optional("secretRef") != nil
    guard hasToken || context.ownNamespace == nil else {
      reader.report.error(
        reader.line, "\(reader.name("secretRef")) is missing; a generator cannot log in with the server's own token")
      return nil
    }
    let token = CredentialSource.read("secretRef", of: reader, &context, defaultKey: "token")
    guard let mount, let role, token != nil || !hasToken else { return nil }
    return .jwt(mount: mount, role: role.value, token: token ?? podToken)
  }

  private static func jwt(_ auth: MappingReader, _ context: inout SecretContext) -> Self? {
    let fields = ["path", "role", "secretRef", "kubernetesServiceAccountToken"]
    guard let reader = method("jwt", of: auth, fields) else { return nil }
    let mount = mount("path", of: reader, default: "jwt")
    let role = reader.line("role", default: "", maximum: 253)
    if let entry = reader.optional("kubernetesServiceAccountToken") {
      guard isAlone(entry, beside: "secretRef", reader) else { return nil }
      let source = ServiceAccountTokenSource.readRequest(
        entry.key, of: reader, context, audience: tokenAudience, expirationSeconds: tokenSeconds, instead: projected)
      guard let mount, let role, let source else { return nil }
      return .serviceAccount(mount: mount, role: role.isEmpty ? nil : role, source)
    }
    let token = CredentialSource.required("secretRef", of: reader, &context)
    guard let mount, let role, let token else { return nil }
    return .jwt(mount: mount, role: role.isEmpty ? nil : role, token: token)
  }

  private static func isAlone(_ entry: YAMLEntry, beside other: String, _ reader: MappingReader) -> Bool {
    guard reader.optional(other) != nil else { return true }
    reader.report.error(
      entry.keyLine, "\(reader.name(entry.key)) and \(reader.name(other)) exclude each other; remove one of them")
    return false
  }

  private static func certificate(_ auth: MappingReader, _ context: inout SecretContext) -> Self? {
    guard let reader = method("cert", of: auth, ["path", "clientCert", "secretRef", "vaultRole"]) else { return nil }
    let mount = mount("path", of: reader, default: "cert")
    let role = reader.line("vaultRole", default: "", maximum: 253)
    let certificate = VaultSpec.ClientCertificate(
      reader, certificates: "clientCert", privateKey: "secretRef", &context)
    guard let mount, let role, let certificate else { return nil }
    return .certificate(mount: mount, role: role.isEmpty ? nil : role, certificate)
  }

  private static func userPassword(_ auth: MappingReader, _ context: inout SecretContext) -> Self? {
    guard let reader = method("userPass", of: auth, ["path", "username", "secretRef"]) else { return nil }
    let mount = mount("path", of: reader, default: "userpass")
    let username = reader.string("username", "name the user")
    let password = CredentialSource.required("secretRef", of: reader, &context, defaultKey: "password")
    guard let mount, let username, let password else { return nil }
    return .userPassword(mount: mount, username: username.value, password: password)
  }
}
