/// How an identity was proved. The raw values are those of the documented API.
public enum AuthenticationMethod: String, Sendable, Hashable {
  /// A Kubernetes service account token.
  case oidc
  /// An Okta access token.
  case okta
  /// A PingOne access token.
  case pingidentity
  /// An X.509-SVID.
  case spiffe
}

/// Names one federation resource, as `federationRef` of an Authorization does.
public struct FederationReference: Hashable, Sendable, CustomStringConvertible {
  /// For example `KubernetesFederation`.
  public var kind: String
  /// The resource's `metadata.name`.
  public var name: String

  /// Makes a reference.
  public init(kind: String, name: String) {
    self.kind = kind
    self.name = name
  }

  /// For example `KubernetesFederation/cluster-a`.
  public var description: String { "\(kind)/\(name)" }
}

/// The workload that a Kubernetes token names in its `kubernetes.io` claim.
public struct KubernetesAttributes: Hashable, Sendable {
  /// A named object with its UID.
  public struct Object: Hashable, Sendable {
    /// `metadata.name`.
    public var name: String
    /// `metadata.uid`.
    public var uid: String

    /// Makes a named object.
    public init(name: String, uid: String) {
      self.name = name
      self.uid = uid
    }
  }

  /// The workload's namespace.
  public var namespace: String
  /// The service account that the token was issued to.
  public var serviceAccount: Object
  /// The pod that the token is bound to, if it is bound.
  public var pod: Object?

  /// Makes the attributes.
  public init(namespace: String, serviceAccount: Object, pod: Object?) {
    self.namespace = namespace
    self.serviceAccount = serviceAccount
    self.pod = pod
  }
}

/// Who is calling, after verification.
public struct VerifiedIdentity: Hashable, Sendable {
  /// How the identity was proved.
  public var method: AuthenticationMethod
  /// The token's `iss`, or the trust domain's name.
  public var provider: String
  /// The token's `sub`, or the SPIFFE ID.
  public var subject: String
  /// The workload, when the proof names one.
  public var kubernetes: KubernetesAttributes?
  /// Whether the proof speaks of a workload but leaves out its namespace or service account.
  public var hasIncompleteWorkload: Bool
  /// The federations whose keys verified the proof; only their Authorizations may match.
  public var federations: Set<FederationReference>
  /// When the proof ends, in seconds since 1970-01-01T00:00:00Z.
  public var expiresAtSeconds: Int64
  /// The generation of the trust that verified the proof: a federation that changed later vouches no more.
  public var trustGeneration: UInt64
  /// What the proof rests on, for who verified it.
  public var proof: ProofReference

  /// Makes an identity; only code that verified the proof may do so.
  public init(
    method: AuthenticationMethod, provider: String, subject: String, kubernetes: KubernetesAttributes?,
    hasIncompleteWorkload: Bool = false, federations: Set<FederationReference>, expiresAtSeconds: Int64,
    trustGeneration: UInt64 = 0, proof: ProofReference = ProofReference()
  ) {
    self.method = method
    self.provider = provider
    self.subject = subject
    self.kubernetes = kubernetes
    self.hasIncompleteWorkload = hasIncompleteWorkload
    self.federations = federations
    self.expiresAtSeconds = expiresAtSeconds
    self.trustGeneration = trustGeneration
    self.proof = proof
  }
}

extension VerifiedIdentity {
  /// What tells the caller from others where each has a share of something, under any of its tokens: a hash of the bytes of
  /// ``provider`` and ``subject``, and of ``federations``, that nobody can foretell. Two that had the same would have one
  /// share, and nothing else.
  ///
  /// All federations count, not one of them: whoever administers a cluster that shares its issuer with another can mint the
  /// other's subjects, and can publish the other's public keys beside its own, but its own tokens are verified by its own
  /// federation alone.
  public var shareName: Int {
    var hasher = Hasher()
    hasher.combine(provider.utf8.count)
    provider.utf8.span.bytes.hash(into: &hasher)
    subject.utf8.span.bytes.hash(into: &hasher)
    hasher.combine(federations)
    return hasher.finalize()
  }
}
