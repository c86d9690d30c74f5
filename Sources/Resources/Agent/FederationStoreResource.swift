/// A store on a federation server, as ExternalSecrets refer to it.
///
/// `federation.external-secrets.io/v1alpha1`, kind `FederationStore`, namespaced: a kind of ours, made from the
/// published concept of one that holds the server's URL, the client's token and CA, and the server-side store's name.
public struct FederationStoreResource: Sendable, Equatable {
  /// `metadata.namespace`, `default` where the manifest names none.
  public var namespace: String
  /// `metadata.name`.
  public var name: String
  /// `spec.server`.
  public var server: FederationServerReference
  /// `spec.store`: the ClusterSecretStore on the server.
  public var store: String
  /// `spec.auth`.
  public var auth: FederationStoreAuth

  /// Makes a store without checking it; ``ManifestLoader`` checks.
  public init(
    namespace: String = "default", name: String, server: FederationServerReference, store: String,
    auth: FederationStoreAuth
  ) {
    self.namespace = namespace
    self.name = name
    self.server = server
    self.store = store
    self.auth = auth
  }
}

/// How a federation server is reached and known.
public struct FederationServerReference: Sendable, Hashable {
  /// The wires of `spec.server.transport`.
  public enum Transport: String, Sendable, CaseIterable {
    /// RPC where the server offers it, else HTTP.
    case auto
    case rpc
    case grpc
    case http
  }

  /// Where the certificates are that verify the server.
  public enum CertificateSource: Sendable, Hashable {
    /// `caBundle`: PEM.
    case bundle([UInt8])
    /// `caProvider` of type `Secret`.
    case secret(SecretKeySelector)
    /// `caProvider` of type `ConfigMap`.
    case configMap(SecretKeySelector)
  }

  /// `url`: `https://`, without a slash at its end.
  public var url: String
  /// `transport`, ``Transport/auto`` where there is none.
  public var transport: Transport
  /// `caBundle` or `caProvider`; nil for the system's roots.
  public var certificates: CertificateSource?

  /// Makes a reference.
  public init(url: String, transport: Transport = .auto, certificates: CertificateSource? = nil) {
    self.url = url
    self.transport = transport
    self.certificates = certificates
  }
}

/// Who an agent is to a federation server: one member of `spec.auth`.
public enum FederationStoreAuth: Sendable, Hashable {
  /// `kubernetes`: a service account's token.
  case kubernetes(KubernetesStoreAuth)
  /// `tokenSecretRef`: a token that stands in a Secret.
  case token(SecretKeySelector)
  /// `okta` or `pingidentity`: a token that the client's own key earns.
  case clientCredentials(ClientCredentialsAuth)
  /// `spiffe`: an X.509-SVID.
  case spiffe(SPIFFEStoreAuth)
}

/// `spec.auth.spiffe`.
public struct SPIFFEStoreAuth: Sendable, Hashable {
  /// Where the SVID comes from.
  public enum Source: Sendable, Hashable {
    /// `socketPath`: a Workload API.
    case workloadAPI(String)
    /// `svidFile`, `keyFile` and `bundleFile`: PEM, absolute paths.
    case files(svid: String, key: String, bundle: String?)
  }

  /// Where the SVID comes from.
  public var source: Source
  /// `serverSpiffeID`: what the server has to prove; nil for its name and `caBundle`.
  public var serverID: String?

  /// Makes the settings.
  public init(source: Source, serverID: String? = nil) {
    self.source = source
    self.serverID = serverID
  }
}

/// `spec.auth.okta` or `spec.auth.pingidentity`: OAuth 2.0 client credentials with `private_key_jwt`.
public struct ClientCredentialsAuth: Sendable, Hashable {
  /// Whose tokens they are.
  public enum Provider: Sendable, Hashable {
    /// `domain`, an https URL, and `authorizationServerId`, empty for the organisation's own server.
    case okta(domain: String, authorizationServer: String)
    /// `region` and `environmentId`.
    case pingIdentity(region: String, environmentID: String)
  }

  /// The provider.
  public var provider: Provider
  /// `clientId`.
  public var clientID: String
  /// `privateKeyFile`: PEM, an absolute path.
  public var privateKeyFile: String
  /// `keyId`; nil for none.
  public var keyID: String?
  /// `scopes`, separated by spaces.
  public var scopes: String
  /// `caFile`: PEM that verifies the provider; nil for the system's roots.
  public var caFile: String?

  /// Makes the settings.
  public init(
    provider: Provider, clientID: String, privateKeyFile: String, keyID: String? = nil, scopes: String = "",
    caFile: String? = nil
  ) {
    self.provider = provider
    self.clientID = clientID
    self.privateKeyFile = privateKeyFile
    self.keyID = keyID
    self.scopes = scopes
    self.caFile = caFile
  }
}

/// `spec.auth.kubernetes`.
public struct KubernetesStoreAuth: Sendable, Hashable {
  /// `serviceAccountRef.name`: a token of this account is asked for; nil for that in ``tokenFile``.
  public var serviceAccount: String?
  /// `serviceAccountRef.audiences`; empty for the cluster's own.
  public var audiences: [String]
  /// `tokenFile`: where a token is kept, nil for where Kubernetes mounts the pod's.
  public var tokenFile: String?
  /// `caFile`: the CA of the token's cluster, sent to the server; nil for where Kubernetes mounts the pod's.
  public var caFile: String?

  /// Makes the settings; the defaults suit a pod.
  public init(
    serviceAccount: String? = nil, audiences: [String] = [], tokenFile: String? = nil, caFile: String? = nil
  ) {
    self.serviceAccount = serviceAccount
    self.audiences = audiences
    self.tokenFile = tokenFile
    self.caFile = caFile
  }
}
