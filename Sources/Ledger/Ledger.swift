/// What was issued to whom: generator states, authorized identities and the audit trail.
///
/// What a function wrote is durable when it returns. Several server processes may share one ledger. Everything throws
/// ``LedgerError``; callers are told UNAVAILABLE, and the reason goes to the log.
public protocol Ledger: Sendable {
  /// This process among those that share the ledger; random, new with each start.
  var instance: String { get }

  /// Announces a credential that is about to be made. `state.phase` is ``GeneratorState/Phase/pending``.
  ///
  /// Fails with ``LedgerError/Kind/conflict`` when there is a state of this name, and with
  /// ``LedgerError/Kind/invalid`` when its name, namespace or owner label has more than 253 bytes, or its identity no
  /// federation.
  /// After any other error nobody knows whether it was written: then nothing may be made for it, and it is to be marked
  /// for revocation.
  func announce(_ state: GeneratorState) async throws(LedgerError)

  /// Makes the announced state live, as `lease` says where that is not nil, and, in the same transaction, adds `issued`
  /// to the identity's record and `audit` to the trail. False when the state is no longer pending, because it was
  /// revoked meanwhile: then nothing was written and the credential must not be handed out.
  ///
  /// After an error nobody knows whether it was written: then the credential must not be handed out either, and the
  /// state is to be marked for revocation.
  func confirm(
    _ stateName: String, lease: StateLease?, issued: IssuedCredential, to identity: IdentityReference, audit: AuditEntry
  ) async throws(LedgerError) -> Bool

  /// Marks what `filter` finds ``GeneratorState/Phase/revoking`` for `reason`, so that it will be cleaned up whatever
  /// happens to this process, and gives those states, those that were being revoked already included.
  func markForRevocation(
    _ filter: StateFilter, reason: String
  ) async throws(LedgerError) -> [GeneratorState]

  /// Forgets a state whose cleanup succeeded, with its entry in the identity's record, and adds `audit` to the trail.
  /// Does nothing when there is no such state, so that of two that cleaned up the same one only the first is in the
  /// trail.
  func forget(_ stateName: String, audit: AuditEntry?) async throws(LedgerError)

  /// Notes that a cleanup failed and is to be tried again.
  func postpone(
    _ stateName: String, until nextAttemptAtSeconds: Int64, error: String
  ) async throws(LedgerError)

  /// The states that `filter` finds, by creation; at most `limit`.
  func states(_ filter: StateFilter, limit: Int) async throws(LedgerError) -> [GeneratorState]

  /// How many states there are in each phase.
  func countStates() async throws(LedgerError) -> [GeneratorState.Phase: Int]

  /// The manifests that the states of generators of `kinds` have as ``GeneratorState/resource``, each once, in no order.
  func resources(ofKinds kinds: Set<String>) async throws(LedgerError) -> [String]

  /// Adds what was given to identities: creates their records, replaces the entries that are the same, keeps each
  /// record within ``AuthorizedIdentity/maximumCredentials``, but for entries of generator states that still exist.
  /// All in one transaction.
  func record(_ issued: [(identity: IdentityReference, credential: IssuedCredential)]) async throws(LedgerError)

  /// The records of identities, by name; all when `name` is nil.
  func identities(name: String?) async throws(LedgerError) -> [AuthorizedIdentity]

  /// Adds `entries` to the trail, in one transaction.
  func append(_ entries: [AuditEntry]) async throws(LedgerError)

  /// The entries that `filter` finds, by id; at most `limit`, the newest ones unless the filter says after which.
  func audit(_ filter: AuditFilter, limit: Int) async throws(LedgerError) -> [AuditEntry]

  /// Removes entries of the trail that are older; gives how many.
  func trimAudit(olderThanMilliseconds: Int64) async throws(LedgerError) -> Int

  /// Whether this process is the one that reaps. Asks for it when nobody has it, and keeps it until the process ends or
  /// loses its connection; to be asked before each pass.
  func leads() async throws(LedgerError) -> Bool

  /// Which of `instances` are no longer running, as far as the database knows. One that has just lost its connection
  /// looks so until its next call: what it has pending may be taken back meanwhile, and its ``confirm(_:lease:issued:to:audit:)``
  /// gives false then.
  func dead(among instances: Set<String>) async throws(LedgerError) -> Set<String>

  /// Lets go of everything.
  func close() async
}

/// Which generator states are meant; conditions that are nil are not asked.
public struct StateFilter: Sendable, Equatable {
  /// The state's own name.
  public var name: String?
  /// The generator's namespace.
  public var namespace: String?
  /// The generator's kind.
  public var generatorKind: String?
  /// The generator's name.
  public var generatorName: String?
  /// The owner's label.
  public var ownerLabel: String?
  /// The subject and issuer that asked for it, whatever its federations are.
  public var identity: AuditIdentity?
  /// The subject that asked for it, whoever its issuer is; for operators.
  public var subject: String?
  /// How far they have come; nil for all.
  public var phases: Set<GeneratorState.Phase>?
  /// Only those that expire at or before this time, in seconds since 1970-01-01T00:00:00Z.
  public var expiringBySeconds: Int64?
  /// Only those whose next cleanup is due at this time.
  public var dueBySeconds: Int64?
  /// Only those that come after this one, for the next page.
  public var after: GeneratorState?

  /// Makes a filter that finds everything.
  public init() {}
}

/// Which entries of the audit trail are meant; conditions that are nil are not asked.
public struct AuditFilter: Sendable, Equatable {
  /// Only entries with a greater id, the oldest first.
  public var afterID: Int64?
  /// Not older than this, in milliseconds since 1970-01-01T00:00:00Z.
  public var sinceMilliseconds: Int64?
  /// Older than this.
  public var untilMilliseconds: Int64?
  /// What was done.
  public var action: AuditEntry.Action?
  /// How it ended.
  public var outcome: String?
  /// By whom: the exact subject.
  public var subject: String?
  /// What it was done to, exactly.
  public var target: String?

  /// Makes a filter that finds everything.
  public init() {}
}

/// Why the ledger could not do something; for operators, not for callers. Never holds a credential.
public struct LedgerError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What an operator can act on.
  public enum Kind: String, Sendable {
    /// The database cannot be reached, or did not answer in time; it may come back.
    case unavailable
    /// The database or its schema is not one that this program can use.
    case unusable
    /// The name is taken.
    case conflict
    /// What was to be stored has a name that is too long; it will not be better next time.
    case invalid
  }

  /// What went wrong.
  public var kind: Kind
  /// One sentence without a full stop.
  public var message: String

  /// Makes an error.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
