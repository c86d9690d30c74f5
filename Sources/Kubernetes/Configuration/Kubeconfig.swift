import FederationAPI
import HTTPClient
import YAML

extension KubernetesConfiguration {
  /// Reads a kubeconfig file (`kind: Config`, `v1`), of which `context` or else its `current-context` counts.
  ///
  /// Paths in it are relative to its directory. Refused, because the program would then be known as somebody else or
  /// trust what it should not: `exec`, `auth-provider`, impersonation (`as`), `insecure-skip-tls-verify`,
  /// `tls-server-name` and `proxy-url`. Throws ``ConfigurationFault``.
  public static func kubeconfig(_ path: String, context: String? = nil) throws(ConfigurationFault)
    -> KubernetesConfiguration
  {
    guard let bytes = try readFile(path, limit: Kubeconfig.maximumBytes, purpose: "kubeconfig file") else {
      throw ConfigurationFault("there is no kubeconfig file \(path)")
    }
    var texts = RepeatedText()
    var documents: [YAMLDocument] = []
    YAMLStream.read(bytes.span.bytes, reusing: &texts) { documents.append($0) }
    if let problem = documents.flatMap(\.problems).first {
      throw ConfigurationFault("\(path):\(problem.line): \(problem.message)")
    }
    guard documents.count == 1, let root = documents.first?.root, case .mapping = root.content else {
      throw ConfigurationFault("\(path) is no kubeconfig file: it must be one mapping of `kind: Config`")
    }
    return try Kubeconfig(path: path, root: root).configuration(context: context)
  }
}

/// A kubeconfig file's text and where it is.
private struct Kubeconfig {
  static let maximumBytes = 1 << 20
  let path: String
  let root: YAMLNode

  func configuration(context: String?) throws(ConfigurationFault) -> KubernetesConfiguration {
    guard let contextName = context ?? root["current-context"]?.text, !contextName.isEmpty else {
      throw fault("no context is current: name one with --context")
    }
    let context = try entry("context", named: contextName, of: "contexts")
    guard let clusterName = context["cluster"]?.text else { throw fault("context \(contextName) names no cluster") }
    let cluster = try entry("cluster", named: clusterName, of: "clusters")
    try refuse(
      [
        ("insecure-skip-tls-verify", "give the certificate authority as `certificate-authority` instead"),
        ("tls-server-name", "write a `server` that is in its certificate instead"),
        ("proxy-url", "set the environment's https_proxy instead"),
      ], in: cluster, "cluster \(clusterName)")
    guard let server = cluster["server"]?.text, server.hasPrefix("https://") else {
      throw fault("cluster \(clusterName) must have a `server` that begins with https://")
    }
    var configuration = KubernetesConfiguration(
      server: server, caCertificates: try content("certificate-authority", of: cluster),
      namespace: context["namespace"]?.text ?? "default")
    if let userName = context["user"]?.text, !userName.isEmpty {
      try identify(try entry("user", named: userName, of: "users"), userName, &configuration)
    }
    return configuration
  }

  private func identify(
    _ user: YAMLNode, _ name: String, _ configuration: inout KubernetesConfiguration
  ) throws(ConfigurationFault) {
    let token = "give a `token` or `tokenFile` instead, for example one of `kubectl create token`"
    try refuse(
      [
        ("exec", token), ("auth-provider", token), ("as", "use the credentials of that user instead"),
        ("as-uid", "remove it"), ("as-groups", "remove it"), ("as-user-extra", "remove it"),
      ], in: user, "user \(name)")
    let certificate = try content("client-certificate", of: user)
    let key = try content("client-key", of: user)
    switch (certificate, key) {
    case (let certificate?, let key?):
      configuration.clientCertificate = ClientCertificate(certificates: certificate, privateKey: key)
    case (nil, nil): break
    default: throw fault("user \(name) needs both `client-certificate` and `client-key`")
    }
    // As client-go has it, the file wins.
    if let file = user["tokenFile"]?.text, !file.isEmpty {
      configuration.credentials = .tokenFile(resolved(file))
    } else if let token = user["token"]?.text, !token.isEmpty {
      configuration.credentials = .token(SecretBytes(token))
    } else if let login = user["username"]?.text, !login.isEmpty {
      guard !login.contains(":") else { throw fault("the `username` of user \(name) holds a colon") }
      configuration.credentials = .basic(user: login, password: SecretBytes(user["password"]?.text ?? ""))
    }
  }

  /// The mapping `kind` of the entry of that name in the list `list`.
  private func entry(_ kind: String, named name: String, of list: String) throws(ConfigurationFault) -> YAMLNode {
    guard case .sequence(let items)? = root[list]?.content,
      let item = items.first(where: { $0["name"]?.text == name }), let entry = item[kind]
    else { throw fault("there is no \(kind) \(name) in `\(list)`") }
    return entry
  }

  /// What `FIELD-data` holds in base64, or else the file that `FIELD` names.
  private func content(_ field: String, of node: YAMLNode) throws(ConfigurationFault) -> [UInt8]? {
    if let text = node["\(field)-data"]?.text, !text.isEmpty {
      guard let bytes = Base64.decode(text.utf8), !bytes.isEmpty else { throw fault("`\(field)-data` is not base64") }
      return bytes
    }
    guard let file = node[field]?.text, !file.isEmpty else { return nil }
    let path = resolved(file)
    guard let bytes = try readFile(path, limit: Limits.caCertificates, purpose: "`\(field)`") else {
      throw fault("`\(field)` names \(path), which does not exist")
    }
    return bytes
  }

  private func resolved(_ file: String) -> String {
    if file.hasPrefix("/") { return file }
    guard let slash = path.lastIndex(of: "/") else { return file }
    return path[...slash] + file
  }

  private func refuse(
    _ fields: [(name: String, advice: String)], in node: YAMLNode, _ owner: String
  ) throws(ConfigurationFault) {
    for (name, advice) in fields {
      guard let value = node[name], value.type != .null, value.text != "false", value.text != "" else { continue }
      throw fault("\(owner) has `\(name)`, which this program does not do; \(advice)")
    }
  }

  private func fault(_ message: String) -> ConfigurationFault { ConfigurationFault("\(path): \(message)") }
}

extension YAMLNode {
  fileprivate var text: String? {
    if case .scalar(let text, _) = content { text } else { nil }
  }
}
