import FederationAPI
import Logging

/// Lines of the log that say what callers are not told of a generator's failure. Whoever calls can cause them: so many a
/// second of each kind.
public final class GeneratorLines: Sendable {
  /// What is told.
  enum Event: CaseIterable {
    case webhookFailed, webhookRefused, webhookUntrusted
    case vaultSecretFailed, vaultTokenNotRevoked, vaultLeaseNotRevoked
    case postgreSQLFailed

    var name: StaticString {
      switch self {
      case .webhookFailed: "webhook_failed"
      case .webhookRefused: "webhook_refused"
      case .webhookUntrusted: "webhook_untrusted"
      case .vaultSecretFailed: "vault_secret_failed"
      case .vaultTokenNotRevoked: "vault_token_not_revoked"
      case .vaultLeaseNotRevoked: "vault_lease_not_revoked"
      case .postgreSQLFailed: "postgresql_failed"
      }
    }
  }

  private static let linesPerSecond = 20
  private let log: Log
  private let clock: @Sendable () -> MonotonicTime
  private let limits: [Event: LogLimit]

  /// Writes to `log`, by the seconds of `clock`.
  public init(log: Log, clock: @escaping @Sendable () -> MonotonicTime = { .now }) {
    self.log = log
    self.clock = clock
    limits = Dictionary(
      uniqueKeysWithValues: Event.allCases.map { ($0, LogLimit(linesPerSecond: Self.linesPerSecond)) })
  }

  func write(_ event: Event, _ fields: @autoclosure () -> KeyValuePairs<StaticString, String>) {
    guard let limit = limits[event] else { return }
    log.write(.warning, event.name, within: limit, at: clock().nanoseconds, fields())
  }
}
