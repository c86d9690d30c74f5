import FederationAPI
import JSON

/// Makes credentials for callers, and takes them back.
///
/// The order is what keeps a credential from being lost: ``plan(_:)`` decides what will be made, the ledger makes that
/// durable, and only then ``generate(_:)`` makes it. A server that dies in between leaves a state from which
/// ``cleanUp(_:)`` finds whatever was made.
public protocol Generator: Sendable {
  /// Decides what is to be made for `request` without making anything outside this process.
  ///
  /// Fails with FAILED_PRECONDITION when the generator's configuration cannot serve, for example because a Secret that
  /// it refers to is not there.
  func plan(_ request: GenerationRequest) throws(RPCError) -> GenerationPlan

  /// Makes what `plan` decided. An error leaves the state in the ledger, for ``cleanUp(_:)``; whatever that does not find
  /// is to be taken back before, or given with its ``GeneratedCredential/refusal``.
  ///
  /// Fails with UNAVAILABLE when the system behind it cannot be reached, DEADLINE_EXCEEDED when it does not answer in
  /// time and FAILED_PRECONDITION when it refuses. Messages hold no value and no inner address.
  func generate(_ plan: GenerationPlan) async throws(RPCError) -> GeneratedCredential

  /// Takes back what was made under `state`; succeeds when nothing of it is left, as when nothing was ever made.
  func cleanUp(_ state: JSONValue) async throws(RPCError)
}

/// What a generator gave, by output key; always text in the documented API.
public typealias GeneratedValues = [String: SecretBytes]

/// What was made.
public struct GeneratedCredential: Sendable, Equatable {
  /// What its owner gets.
  public var values: GeneratedValues
  /// What only making it told; nil when all was planned.
  public var lease: GeneratedLease?
  /// Why nobody may have it, where it could not be taken back at once: then it is recorded by its lease, to be taken back
  /// later, and the caller gets this.
  public var refusal: RPCError?

  /// Makes a credential.
  public init(values: GeneratedValues, lease: GeneratedLease? = nil) {
    self.values = values
    self.lease = lease
  }

  /// Makes one that nobody may have.
  public init(refused refusal: RPCError, lease: GeneratedLease) {
    values = [:]
    self.lease = lease
    self.refusal = refusal
  }
}

/// What the system behind a generator says of a credential once it has made it. It takes the plan's place in the ledger
/// before the credential is handed out. A server that dies before that leaves a credential that nobody has, and that
/// ends by itself only.
public struct GeneratedLease: Sendable, Equatable {
  /// As ``GenerationPlan/state``.
  public var state: JSONValue
  /// When it ends, in seconds since 1970-01-01T00:00:00Z; nil when the plan's time counts.
  public var expiresAtSeconds: Int64?

  /// Makes a lease.
  public init(state: JSONValue, expiresAtSeconds: Int64?) {
    self.state = state
    self.expiresAtSeconds = expiresAtSeconds
  }
}

/// Whom a credential is for, as far as a generator may name it after them.
public struct GenerationRequest: Sendable, Equatable {
  /// The owner as it stands in labels: at most 63 characters of `[A-Za-z0-9-_.]`.
  public var ownerLabel: String
  /// When the credential has to end at the latest, in seconds since 1970-01-01T00:00:00Z; nil for never.
  public var expiresAtSeconds: Int64?

  /// Makes a request.
  public init(ownerLabel: String, expiresAtSeconds: Int64?) {
    self.ownerLabel = ownerLabel
    self.expiresAtSeconds = expiresAtSeconds
  }
}

/// What will be made.
public struct GenerationPlan: Sendable, Equatable {
  /// What ``Generator/cleanUp(_:)`` needs to find the credential; kept in the ledger, so never a secret. `{}` for
  /// generators that leave nothing behind.
  public var state: JSONValue
  /// As in the request.
  public var expiresAtSeconds: Int64?

  /// Makes a plan.
  public init(state: JSONValue, expiresAtSeconds: Int64?) {
    self.state = state
    self.expiresAtSeconds = expiresAtSeconds
  }
}
