import FederationAPI

/// One line of the audit trail: who did what, when, from where, and how it ended. Never a value, never a token.
public struct AuditEntry: Sendable, Equatable {
  /// What was done.
  public enum Action: String, Sendable, CaseIterable {
    /// A secret was read. Reads of one secret by one caller from one address are counted for up to a minute.
    case readSecret = "secret.read"
    /// A generator made a credential.
    case generate = "credential.generate"
    /// A workload revoked its own credentials.
    case revokeSelf = "credential.revoke-self"
    /// An owner's credentials were revoked.
    case revoke = "credential.revoke"
    /// The reaper, or an operator, took a credential back.
    case cleanUp = "credential.clean-up"
  }

  /// Rises with each entry; 0 before the ledger has given one.
  public var id: Int64
  /// When it happened, in milliseconds since 1970-01-01T00:00:00Z.
  public var atMilliseconds: Int64
  /// What was done.
  public var action: Action
  /// `ok`, or the canonical name of the error, for example `PERMISSION_DENIED`.
  public var outcome: String
  /// Who did it; nil when the server did.
  public var identity: AuditIdentity?
  /// What it was done to, for example `store/key` or `namespace/kind/name`.
  public var target: String
  /// The GeneratorState that it is about.
  public var stateName: String?
  /// Whom the credential belongs to.
  public var owner: String?
  /// The peer's address and port; nil when the server itself acted.
  public var peer: String?
  /// Why, where that is not plain: for example `expired`.
  public var detail: String?
  /// How often it happened.
  public var count: Int64

  /// Makes an entry.
  public init(
    id: Int64 = 0, atMilliseconds: Int64, action: Action, outcome: String, identity: AuditIdentity?, target: String,
    stateName: String? = nil, owner: String? = nil, peer: String? = nil, detail: String? = nil, count: Int64 = 1
  ) {
    self.id = id
    self.atMilliseconds = atMilliseconds
    self.action = action
    self.outcome = outcome
    self.identity = identity
    self.target = target
    self.stateName = stateName
    self.owner = owner
    self.peer = peer
    self.detail = detail
    self.count = count
  }
}

/// Who did what an entry tells of.
public struct AuditIdentity: Sendable, Hashable {
  /// How it was proved.
  public var method: AuthenticationMethod
  /// The issuer, or the trust domain's name.
  public var provider: String
  /// The subject, or the SPIFFE ID.
  public var subject: String
  /// The federations whose grants were used or, where there were none, that verified who it is: clusters may share an
  /// issuer and have the same subjects. None in entries of servers that did not write it.
  public var federations: Set<FederationReference>

  /// Makes an identity.
  public init(
    method: AuthenticationMethod, provider: String, subject: String, federations: Set<FederationReference> = []
  ) {
    self.method = method
    self.provider = provider
    self.subject = subject
    self.federations = federations
  }
}
