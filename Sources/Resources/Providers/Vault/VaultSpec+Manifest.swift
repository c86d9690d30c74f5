import YAML

extension VaultSpec {
  static let fields = [
    "server", "namespace", "headers", "caBundle", "caProvider", "tls", "readYourWrites", "forwardInconsistent", "auth",
  ]

  /// Reads what `reader` says of the server; nil when something was reported.
  init?(_ reader: MappingReader, _ context: inout SecretContext) {
    let errorsBefore = reader.report.errorCount
    let server = reader.string("server", "write Vault's address, for example `https://vault.example.org:8200`")
      .flatMap { reader.checked($0, reader.name("server"), by: BackendURL.check) }
    let namespace = reader.vaultPath("namespace")
    let headers = Self.headers(reader)
    let trust = TLSTrust.read(reader, &context)
    let tls = reader.optional("tls").flatMap { reader.mapping($0, fields: ["certSecretRef", "keySecretRef"]) }
    let certificate = tls.flatMap {
      ClientCertificate($0, certificates: "certSecretRef", privateKey: "keySecretRef", &context)
    }
    let readsItsWrites = reader.boolean("readYourWrites", default: true)
    let forwards = reader.boolean("forwardInconsistent", default: false)
    let auth = reader.mapping("auth", fields: Authentication.fields, "say how this server logs in")
    let loginNamespace = auth.flatMap { $0.vaultPath("namespace") }
    let authentication = auth.flatMap { Authentication($0, &context) }
    guard let server, let authentication, let trust, let readsItsWrites, let forwards,
      reader.report.errorCount == errorsBefore
    else { return nil }
    self.init(
      server: server, namespace: namespace, headers: headers, trust: trust.value, clientCertificate: certificate,
      readsItsWrites: readsItsWrites, forwardsInconsistent: forwards, authentication: authentication,
      loginNamespace: loginNamespace)
  }

  private static func headers(_ reader: MappingReader) -> [Header] {
    guard let entry = reader.optional("headers") else { return [] }
    guard case .mapping(let entries) = entry.value.content else {
      _ = reader.mapping(entry, fields: [])
      return []
    }
    return entries.compactMap { header in
      let name = quoted("\(reader.path.text).headers.\(header.key)")
      guard let text = reader.text(header.value, name) else { return nil }
      // The session's own fields are set by it alone.
      let isAllowed =
        !header.key.isEmpty && !header.key.lowercased().hasPrefix("x-vault-")
        && header.key.utf8.allSatisfy { KubernetesName.isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
      guard isAllowed, text.value.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
        reader.report.error(
          header.keyLine, "\(name) cannot be sent; use letters, digits and `-`, no `X-Vault-` field, and ASCII text")
        return nil
      }
      return Header(name: header.key, value: text.value)
    }
  }
}

extension VaultSpec.ClientCertificate {
  init?(
    _ reader: MappingReader, certificates: String, privateKey: String, _ context: inout SecretContext
  ) {
    let chain = CredentialSource.required(certificates, of: reader, &context, defaultKey: "tls.crt")
    let key = CredentialSource.required(privateKey, of: reader, &context, defaultKey: "tls.key")
    guard let chain, let key else { return nil }
    self.init(certificates: chain, privateKey: key)
  }
}

extension VaultStoreSpec {
  private static let fields = VaultSpec.fields + ["path", "version", "checkAndSet"]

  /// Reads `spec.provider.vault`; nil when something was reported.
  init?(_ entry: YAMLEntry, _ report: ManifestReport, _ context: inout SecretContext) {
    guard
      let reader = MappingReader(
        entry.value, path: .text("spec.provider.vault"), line: entry.keyLine, fields: Self.fields, report: report)
    else { return nil }
    if let unused = reader.optional("checkAndSet") {
      report.warning(unused.keyLine, "\(reader.name("checkAndSet")) has no effect on this server; remove it")
    }
    let vault = VaultSpec(reader, &context)
    // External Secrets lets the key begin with the mount. Here callers would then read any engine that the login may.
    let mount =
      reader.required("path", "name the mount of the KV engine, for example `path: secret`") == nil
      ? nil : reader.vaultPath("path")
    let version = reader.choice("version", default: Version.v2)
    guard let vault, let mount, let version else { return nil }
    self.init(vault: vault, mount: mount, version: version)
  }
}

extension MappingReader {
  /// A path of Vault's in `field`, without slashes at its ends; nil when it is absent or was reported.
  func vaultPath(_ field: String) -> String? {
    guard let entry = optional(field), let text = string(entry.value, name(field), emptyAdvice: "remove it") else {
      return nil
    }
    let parts = text.value.split(separator: "/", omittingEmptySubsequences: true)
    let isAllowed = parts.allSatisfy { part in
      part != "." && part != ".."
        && part.utf8.allSatisfy { KubernetesName.isAlphanumeric($0) || "-_.~ @+:".utf8.contains($0) }
    }
    guard isAllowed, !parts.isEmpty, text.value.utf8.count <= 512 else {
      report.error(
        text.line, "\(name(field)) must be a path of letters, digits, `-`, `_`, `.` and `/`, with at most 512 bytes")
      return nil
    }
    return parts.joined(separator: "/")
  }
}
