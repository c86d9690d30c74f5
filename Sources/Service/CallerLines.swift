import FederationAPI
import Logging
import SecretStores

/// Lines of the log that whoever calls can cause, so many a second of each kind.
final class CallerLines: Sendable {
  /// For all other lines.
  let log: Log
  private let clock: @Sendable () -> MonotonicTime
  private let limited = LogLimit(linesPerSecond: 10)
  private let secretsDenied = LogLimit(linesPerSecond: 20)
  private let generatorsDenied = LogLimit(linesPerSecond: 20)
  private let notGenerated = LogLimit(linesPerSecond: 20)

  init(log: Log, clock: @escaping @Sendable () -> MonotonicTime) {
    self.log = log
    self.clock = clock
  }

  private var now: UInt64 { clock().nanoseconds }

  /// A call is past the limit that the flag `limit` sets.
  func callLimited(_ limit: String, _ refusal: RPCError, _ identity: VerifiedIdentity?, peer: String) {
    log.write(
      .warning, "call_limited", within: limited, at: now,
      [
        "limit": limit, "reason": refusal.message, "subject": identity?.subject ?? "",
        "issuer": identity?.provider ?? "", "peer": peer,
      ])
  }

  /// A caller asked for a secret that it may not read.
  func secretDenied(_ reference: SecretReference, to identity: VerifiedIdentity, peer: String) {
    log.write(
      .info, "secret_denied", within: secretsDenied, at: now,
      [
        "subject": identity.subject, "issuer": identity.provider, "store": reference.store, "name": reference.key,
        "peer": peer,
      ])
  }

  /// A caller asked for something of a generator, or of credentials, that it may not have.
  func generatorDenied(_ action: String, _ target: String, to identity: VerifiedIdentity, peer: String) {
    log.write(
      .info, "generator_denied", within: generatorsDenied, at: now,
      [
        "action": action, "subject": identity.subject, "issuer": identity.provider, "target": target, "peer": peer,
      ])
  }

  /// A credential was not issued.
  func generateFailed(_ generator: String, _ error: RPCError, for identity: VerifiedIdentity, peer: String) {
    log.write(
      .warning, "generate_failed", within: notGenerated, at: now,
      ["generator": generator, "subject": identity.subject, "reason": "\(error)", "peer": peer])
  }
}
