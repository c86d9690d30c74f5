/// How a Vault server is reached: what stores and generators have in common of External Secrets' `VaultProvider`.
public struct VaultSpec: Sendable, Hashable {
  /// A header field that goes with each request.
  public struct Header: Sendable, Hashable {
    /// Its name (RFC 9110 section 5.1).
    public var name: String
    /// Its value.
    public var value: String
  }

  /// Who this server is in the TLS handshake.
  public struct ClientCertificate: Sendable, Hashable {
    /// PEM certificates, the client's own first.
    public var certificates: CredentialSource
    /// The PEM key of the first.
    public var privateKey: CredentialSource
  }

  /// How this server proves itself to Vault. `mount` is where the method is mounted below `auth/`.
  public enum Authentication: Sendable, Hashable {
    /// `tokenSecretRef`.
    case token(CredentialSource)
    case appRole(mount: String, roleID: Text, secretID: CredentialSource)
    /// `kubernetes` and `jwt`, which differ in nothing that is sent.
    case jwt(mount: String, role: String?, token: CredentialSource)
    /// The same with a token that the server's cluster makes: `serviceAccountRef` and `kubernetesServiceAccountToken`.
    case serviceAccount(mount: String, role: String?, ServiceAccountTokenSource)
    case certificate(mount: String, role: String?, ClientCertificate)
    case userPassword(mount: String, username: String, password: CredentialSource)
  }

  /// A text that stands in the manifest or in a Secret.
  public enum Text: Sendable, Hashable {
    case plain(String)
    case source(CredentialSource)
  }

  /// `server`.
  public var server: BackendURL
  /// `namespace`, nil for the root.
  public var namespace: String?
  /// `headers`, by name.
  public var headers: [Header] = []
  /// `caBundle` or `caProvider`; nil for the system's roots.
  public var trust: TLSTrust?
  /// `tls`.
  public var clientCertificate: ClientCertificate?
  /// Whether a node must have seen what this server saw before it answers (`X-Vault-Index`).
  public var readsItsWrites = true
  /// Whether a node that has not seen it yet shall ask the active one.
  public var forwardsInconsistent = false
  /// `auth`.
  public var authentication: Authentication
  /// `auth.namespace`: where the login is, when it is not ``namespace``.
  public var loginNamespace: String?

  /// Makes a spec without checking it.
  public init(
    server: BackendURL, namespace: String? = nil, headers: [Header] = [], trust: TLSTrust? = nil,
    clientCertificate: ClientCertificate? = nil, readsItsWrites: Bool = true, forwardsInconsistent: Bool = false,
    authentication: Authentication, loginNamespace: String? = nil
  ) {
    self.server = server
    self.namespace = namespace
    self.headers = headers
    self.trust = trust
    self.clientCertificate = clientCertificate
    self.readsItsWrites = readsItsWrites
    self.forwardsInconsistent = forwardsInconsistent
    self.authentication = authentication
    self.loginNamespace = loginNamespace
  }
}

/// `provider.vault` of a store: a KV secrets engine.
public struct VaultStoreSpec: Sendable, Hashable {
  /// The engine's own version.
  public enum Version: String, Sendable, Hashable, CaseIterable {
    case v1
    case v2
  }

  /// The server.
  public var vault: VaultSpec
  /// `path`: where the engine is mounted, without slashes at its ends.
  public var mount: String
  /// `version`.
  public var version: Version

  /// Makes a spec without checking it.
  public init(vault: VaultSpec, mount: String, version: Version) {
    self.vault = vault
    self.mount = mount
    self.version = version
  }
}
