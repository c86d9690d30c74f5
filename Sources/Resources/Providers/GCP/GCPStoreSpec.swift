/// `provider.gcpsm` of a store: Google Secret Manager of one project.
public struct GCPStoreSpec: Sendable, Hashable {
  /// `projectID`.
  public var project: String
  /// `location`, of regional secrets; nil for global ones.
  public var location: String?
  /// Where the JSON is that Google gave: `auth.secretRef.secretAccessKeySecretRef`, a service account's key, or
  /// `auth.workloadIdentityFederation.credConfig`, a credential configuration.
  public var credential: CredentialSource
  /// Whether ``credential`` is that of `workloadIdentityFederation`, which may name a file of the server's.
  public var isFederated: Bool
  /// `endpoint`, our addition: where the service is, when it is not Google's own address.
  public var endpoint: BackendURL?

  /// Makes a spec without checking it.
  public init(
    project: String, location: String? = nil, credential: CredentialSource, isFederated: Bool = false,
    endpoint: BackendURL? = nil
  ) {
    self.project = project
    self.location = location
    self.credential = credential
    self.isFederated = isFederated
    self.endpoint = endpoint
  }
}
