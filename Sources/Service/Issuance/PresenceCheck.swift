import Ledger

/// Finds out whether those whom a credential was made for are still there: the workload, or the identity at its
/// provider (docs/ARCHITECTURE.md, "Reaper").
public protocol PresenceCheck: Sendable {
  /// Whether the owner of `state` is there. Only certainty ends a credential.
  func presence(ofOwner state: GeneratorState) async -> Presence
}

/// What a ``PresenceCheck`` found.
public enum Presence: Sendable, Equatable {
  /// It is there.
  case present
  /// It is certainly gone, or its UID belongs to another object now; `reason` is for the audit trail.
  case gone(reason: String)
  /// Nobody could tell.
  case unknown
}
