import FederationAPI

/// What the server remembers of one credential that a generator made (docs/ARCHITECTURE.md, "Ledger").
///
/// Mirrors `GeneratorState` of `generators.external-secrets.io/v1alpha1`. No field ever holds a secret.
public struct GeneratorState: Sendable, Equatable {
  /// How far a credential's life has come.
  public enum Phase: String, Sendable, CaseIterable {
    /// Announced and perhaps made: nobody was told of it yet. Left behind by a server that died, it is cleaned up.
    case pending
    /// Made, and handed to its owner.
    case live
    /// To be taken back; stays until the generator's cleanup has succeeded.
    case revoking
  }

  /// Unique: lower-case `<kind>-<name>-<owner label>-<random>`, at most 253 characters.
  public var name: String
  /// The generator.
  public var generator: GeneratorReference
  /// Whom the credential belongs to: the pod's or service account's name, or the identity's subject.
  public var owner: Owner
  /// Who asked for it: only the same identity revokes its own, by a token that the same federations vouch for.
  public var identity: IdentityReference
  /// The generator's manifest when the credential was made, as JSON; cleanup works from it, so that a manifest that
  /// was changed or removed orphans nothing.
  public var resource: String
  /// The generator's own state, as JSON.
  public var state: String
  /// How far it has come.
  public var phase: Phase
  /// The server process that made it, by ``Ledger/instance``.
  public var instance: String
  /// When it was made, in seconds since 1970-01-01T00:00:00Z.
  public var createdAtSeconds: Int64
  /// When it is to be taken back, nil for never.
  public var expiresAtSeconds: Int64?
  /// Why it is being taken back; nil until then.
  public var revocationReason: String?
  /// Failed cleanups so far.
  public var attempts: Int
  /// When cleanup is to be tried again.
  public var nextAttemptAtSeconds: Int64
  /// What the last cleanup failed with.
  public var lastError: String?

  /// Makes a state.
  public init(
    name: String, generator: GeneratorReference, owner: Owner, identity: IdentityReference, resource: String,
    state: String, phase: Phase = .pending, instance: String, createdAtSeconds: Int64, expiresAtSeconds: Int64?,
    revocationReason: String? = nil, attempts: Int = 0, nextAttemptAtSeconds: Int64 = 0, lastError: String? = nil
  ) {
    self.name = name
    self.generator = generator
    self.owner = owner
    self.identity = identity
    self.resource = resource
    self.state = state
    self.phase = phase
    self.instance = instance
    self.createdAtSeconds = createdAtSeconds
    self.expiresAtSeconds = expiresAtSeconds
    self.revocationReason = revocationReason
    self.attempts = attempts
    self.nextAttemptAtSeconds = nextAttemptAtSeconds
    self.lastError = lastError
  }
}

/// What became known of a credential when it was made, in the place of what was announced.
public struct StateLease: Sendable, Equatable {
  /// As ``GeneratorState/state``.
  public var state: String
  /// As ``GeneratorState/expiresAtSeconds``; nil for what was announced.
  public var expiresAtSeconds: Int64?

  /// Makes a lease.
  public init(state: String, expiresAtSeconds: Int64?) {
    self.state = state
    self.expiresAtSeconds = expiresAtSeconds
  }
}

/// Whom a credential belongs to.
public struct Owner: Sendable, Hashable {
  /// In full.
  public var name: String
  /// As in the label `federation.externalsecrets.com/owner`: ``name`` where it is a label's value, else a readable part
  /// of it with a digest of the whole.
  public var label: String
  /// The annotation `federation.externalsecrets.com/owner-attributes`.
  public var attributes: [String: String]
  /// The Kubernetes object that the credential is bound to; nil for identities without a workload.
  public var workload: WorkloadBinding?

  /// Makes an owner.
  public init(name: String, label: String, attributes: [String: String], workload: WorkloadBinding?) {
    self.name = name
    self.label = label
    self.attributes = attributes
    self.workload = workload
  }
}

/// `workloadBinding` of an AuthorizedIdentity.
public struct WorkloadBinding: Sendable, Hashable {
  /// `Pod` or `ServiceAccount`.
  public var kind: String
  /// `metadata.name`.
  public var name: String
  /// `metadata.uid`.
  public var uid: String
  /// Its namespace in its own cluster.
  public var namespace: String

  /// Makes a binding.
  public init(kind: String, name: String, uid: String, namespace: String) {
    self.kind = kind
    self.name = name
    self.uid = uid
    self.namespace = namespace
  }
}

/// An identity as the ledger knows it.
public struct IdentityReference: Sendable, Hashable {
  /// How it was proved.
  public var method: AuthenticationMethod
  /// The issuer, or the trust domain's name.
  public var provider: String
  /// The subject, or the SPIFFE ID.
  public var subject: String
  /// The federations of the grants that were used: all that vouched for the token, and granted what was asked. One at
  /// least; of a record, those of its first credential.
  public var federations: Set<FederationReference>

  /// Makes a reference.
  public init(
    method: AuthenticationMethod, provider: String, subject: String, federations: Set<FederationReference>
  ) {
    self.method = method
    self.provider = provider
    self.subject = subject
    self.federations = federations
  }
}
