import FederationAPI
import JSON
import Resources

/// `status` of an ExternalSecret: how it fares, and what has to be known after a restart.
public struct ExternalSecretStatus: Sendable, Equatable {
  /// When the values were last fetched, in seconds since 1970-01-01T00:00:00Z.
  public var refreshTime: Int64?
  /// Which state of the ExternalSecret was last brought about.
  public var syncedResourceVersion: String?
  /// The condition `Ready`.
  public var ready: ReadyCondition?
  /// `binding.name`: the target Secret.
  public var binding: String?
  /// The generators that may have issued something for it which is not cleaned up.
  public var issuers: [FederationGeneratorResource]

  /// Nothing was said yet.
  public init() { issuers = [] }
}

/// The condition `Ready`.
public struct ReadyCondition: Sendable, Equatable {
  /// Reasons as ESO has them.
  public enum Reason: String, Sendable {
    /// The target is as it should be.
    case synced = "SecretSynced"
    /// It is not; the message says why.
    case failed = "SecretSyncedError"
    /// The store has nothing, and so the target was deleted.
    case deleted = "SecretDeleted"
    /// There is no Secret to merge into.
    case missing = "SecretMissing"
  }

  /// `reason`; the condition's status is `False` for ``Reason/failed``, else `True`.
  public var reason: Reason
  /// `message`.
  public var message: String
  /// `lastTransitionTime`, in seconds since 1970-01-01T00:00:00Z.
  public var since: Int64

  /// Whether the condition's status is `True`.
  public var isTrue: Bool { reason != .failed }

  /// Makes a condition.
  public init(_ reason: Reason, _ message: String, since: Int64) {
    self.reason = reason
    self.message = message
    self.since = since
  }
}

extension ExternalSecretStatus {
  /// Says that it fares as `reason` has it. The time stays when the condition's status does.
  mutating func set(_ reason: ReadyCondition.Reason, _ message: String, now: Int64) {
    let next = ReadyCondition(reason, message, since: now)
    guard let ready, ready.isTrue == next.isTrue else {
      ready = next
      return
    }
    self.ready = ReadyCondition(reason, message, since: ready.since)
  }
}
