/// `provider.kubernetes` of a store: the Secrets of one namespace of a cluster.
public struct KubernetesStoreSpec: Sendable, Hashable {
  /// How this server proves itself to the API server.
  public enum Authentication: Sendable, Hashable {
    /// `auth.token.bearerToken`.
    case token(CredentialSource)
    /// `auth.serviceAccount`.
    case serviceAccount(ServiceAccountTokenSource)
    /// `auth.cert`: PEM of the certificate, and of its key.
    case certificate(CredentialSource, privateKey: CredentialSource)
  }

  /// `server.url`.
  public var server: BackendURL
  /// `server.caBundle` or `server.caProvider`; nil for the system's roots.
  public var trust: TLSTrust?
  /// `remoteNamespace`.
  public var namespace: String
  /// `auth`.
  public var authentication: Authentication

  /// Makes a spec without checking it.
  public init(
    server: BackendURL, trust: TLSTrust? = nil, namespace: String = "default", authentication: Authentication
  ) {
    self.server = server
    self.trust = trust
    self.namespace = namespace
    self.authentication = authentication
  }
}
