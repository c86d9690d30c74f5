/// `provider.aws` of a store: Secrets Manager or Parameter Store of one region.
public struct AWSStoreSpec: Sendable, Hashable {
  /// Which of AWS's services has the secrets.
  public enum Service: String, Sendable, Hashable, CaseIterable {
    case secretsManager = "SecretsManager"
    case parameterStore = "ParameterStore"
  }

  /// Where the credentials are from, before any role is assumed.
  public enum Authentication: Sendable, Hashable {
    /// No `auth`: what AWS's own programs find in their environment and in `~/.aws/credentials`.
    case environment
    /// `auth.secretRef`.
    case keys(accessKeyID: CredentialSource, secretAccessKey: CredentialSource, sessionToken: CredentialSource?)
    /// `auth.webIdentity`, our addition: a role, for who shows the token in a file.
    case webIdentity(role: String, token: CredentialSource)
    /// `auth.profile`, our addition: a profile of a credentials file.
    case profile(name: String?, file: String?)
  }

  /// A role to assume with the credentials so far.
  public struct Role: Sendable, Hashable {
    /// A tag of the session.
    public struct Tag: Sendable, Hashable {
      /// Its key.
      public var key: String
      /// Its value.
      public var value: String

      /// Makes a tag.
      public init(key: String, value: String) {
        self.key = key
        self.value = value
      }
    }

    /// The role's ARN.
    public var arn: String
    /// What the role's trust policy may ask for.
    public var externalID: String?
    /// `sessionTags`.
    public var sessionTags: [Tag]
    /// `transitiveTagKeys`.
    public var transitiveTagKeys: [String]

    /// Makes a role.
    public init(arn: String, externalID: String? = nil, sessionTags: [Tag] = [], transitiveTagKeys: [String] = []) {
      self.arn = arn
      self.externalID = externalID
      self.sessionTags = sessionTags
      self.transitiveTagKeys = transitiveTagKeys
    }
  }

  /// `service`.
  public var service: Service
  /// `region`.
  public var region: String
  /// `prefix`: what stands before every key in AWS.
  public var prefix: String
  /// `auth`.
  public var authentication: Authentication
  /// `additionalRoles` and `role`, in the order in which they are assumed.
  public var roles: [Role]
  /// `endpoint`, our addition: where the service is, when it is not AWS's own address for the region.
  public var endpoint: BackendURL?
  /// `stsEndpoint`, our addition: where STS is.
  public var stsEndpoint: BackendURL?

  /// Makes a spec without checking it.
  public init(
    service: Service, region: String, prefix: String = "", authentication: Authentication = .environment,
    roles: [Role] = [], endpoint: BackendURL? = nil, stsEndpoint: BackendURL? = nil
  ) {
    self.service = service
    self.region = region
    self.prefix = prefix
    self.authentication = authentication
    self.roles = roles
    self.endpoint = endpoint
    self.stsEndpoint = stsEndpoint
  }
}
