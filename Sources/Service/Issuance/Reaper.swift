import FederationAPI
import Generators
import Ledger
import Logging

/// Takes back credentials that nobody may have any more: expired ones, those whose Authorization is gone, whose workload
/// or identity is gone, and those that a server died over.
///
/// Of all servers that share a ledger one reaps. Nothing is forgotten before the generator has cleaned up, however often
/// that fails.
public actor Reaper {
  /// How many states one query gives.
  private static let pageSize = 500

  private let issuance: Issuance
  private let snapshot: @Sendable () -> ServiceSnapshot
  private let checks: [any PresenceCheck]
  /// When a grant was first found missing, by state.
  private var ungrantedSince: [String: Int64] = [:]
  private var checkedGeneration: UInt64 = 0
  private var checkedOwnersAt: Int64 = 0
  private var trimmedAt: Int64 = 0
  private var isLeading = false

  /// How often live states are held against owners and grants that did not change here, in seconds.
  private static let ownerCheckSeconds: Int64 = 60

  /// Reaps for `handlers`, which have to have an ``Issuance``.
  public init(issuance: Issuance, handlers: FederationHandlers, checks: [any PresenceCheck] = []) {
    self.issuance = issuance
    self.checks = checks
    snapshot = { handlers.snapshot }
  }

  /// Makes passes until the task is cancelled.
  public func run() async {
    while !Task.isCancelled {
      await pass()
      do {
        try await Task.sleep(nanoseconds: UInt64(issuance.settings.reaperIntervalSeconds * 1e9))
      } catch { return }
    }
  }

  /// One pass. What fails is logged and left for the next.
  public func pass() async {
    await issuance.withdrawals.retry()
    do throws(LedgerError) {
      let leads = try await issuance.ledger.leads()
      if leads != isLeading { issuance.log.write(.info, leads ? "reaper_leads" : "reaper_follows") }
      isLeading = leads
      guard leads else { return }
      let now = issuance.settings.wallClock()
      try await markExpired(now)
      try await markAbandoned(now)
      try await markUngranted(now)
      try await cleanUp(now)
      try await trimAudit(now)
    } catch {
      isLeading = false
      issuance.log.write(.error, "ledger_failed", ["doing": "reap", "reason": error.message])
    }
  }

  private func markExpired(_ now: Int64) async throws(LedgerError) {
    var filter = StateFilter()
    filter.phases = [.live]
    filter.expiringBySeconds = now
    _ = try await issuance.ledger.markForRevocation(filter, reason: "expired")
  }

  /// States whose server died while it made the credential, or that take longer than anything can.
  private func markAbandoned(_ now: Int64) async throws(LedgerError) {
    var filter = StateFilter()
    filter.phases = [.pending]
    let pending = try await issuance.ledger.states(filter, limit: Self.pageSize)
    guard !pending.isEmpty else { return }
    let dead = try await issuance.ledger.dead(among: Set(pending.map(\.instance)))
    for state in pending {
      if dead.contains(state.instance) {
        try await mark(state, because: "its server ended before it was handed out")
      } else if state.createdAtSeconds + issuance.settings.abandonedAfterSeconds <= now {
        try await mark(state, because: "it was never handed out")
      }
    }
  }

  private func mark(_ state: GeneratorState, because reason: String) async throws(LedgerError) {
    var filter = StateFilter()
    filter.name = state.name
    // Only as it was found: one that became live meanwhile is somebody's.
    filter.phases = [state.phase]
    _ = try await issuance.ledger.markForRevocation(filter, reason: reason)
  }

  private func cleanUp(_ now: Int64) async throws(LedgerError) {
    var filter = StateFilter()
    filter.phases = [.revoking]
    filter.dueBySeconds = now
    while !Task.isCancelled {
      let due = try await issuance.ledger.states(filter, limit: Self.pageSize)
      guard !due.isEmpty else { return }
      let failures = await issuance.cleaner.clean(due, from: snapshot().generators, actor: .reaper)
      // Failures are due later, so the next page holds others; if even that could not be noted, the pass ends.
      if failures == due.count { return }
    }
  }

  private func trimAudit(_ now: Int64) async throws(LedgerError) {
    guard now - trimmedAt >= 3_600 else { return }
    let oldest = (now - issuance.settings.auditRetentionDays * 86_400) * 1_000
    _ = try await issuance.ledger.trimAudit(olderThanMilliseconds: oldest)
    trimmedAt = now
  }
}

extension Reaper {
  /// States whose grant is gone, and those whose workload or identity is. Looked for when the manifests changed, once a
  /// minute otherwise.
  private func markUngranted(_ now: Int64) async throws(LedgerError) {
    let snapshot = snapshot()
    let isDue =
      snapshot.generation != checkedGeneration || !ungrantedSince.isEmpty
      || now - checkedOwnersAt >= Self.ownerCheckSeconds
    guard isDue else { return }
    let looksForOwners = !checks.isEmpty && now - checkedOwnersAt >= Self.ownerCheckSeconds
    var ungranted: [String: Int64] = [:]
    var filter = StateFilter()
    filter.phases = [.live]
    while true {
      let page = try await issuance.ledger.states(filter, limit: Self.pageSize)
      for state in page {
        if snapshot.grants(state) {
          if looksForOwners, let reason = await whyGone(state) { try await mark(state, because: reason) }
        } else {
          let since = ungrantedSince[state.name] ?? now
          ungranted[state.name] = since
          guard now - since >= issuance.settings.revocationGraceSeconds else { continue }
          try await mark(state, because: "its Authorization was revoked")
          ungranted[state.name] = nil
        }
      }
      guard page.count == Self.pageSize, let last = page.last else { break }
      filter.after = last
    }
    ungrantedSince = ungranted
    checkedGeneration = snapshot.generation
    checkedOwnersAt = now
  }

  private func whyGone(_ state: GeneratorState) async -> String? {
    for check in checks {
      if case .gone(let reason) = await check.presence(ofOwner: state) { return reason }
    }
    return nil
  }
}

extension ServiceSnapshot {
  /// Whether the identity that `state` was made for may still use its generator.
  func grants(_ state: GeneratorState) -> Bool {
    let identity = VerifiedIdentity(
      method: state.identity.method, provider: state.identity.provider, subject: state.identity.subject,
      kubernetes: nil, federations: [state.identity.federation], expiresAtSeconds: .max)
    return trust.federations[state.identity.federation] != nil && policy.allows(identity, generator: state.generator)
  }
}
