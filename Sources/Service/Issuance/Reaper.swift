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
  /// How many credentials one pass begins to take back.
  private static let maximumRound = 20_000

  private let issuance: Issuance
  private let snapshot: @Sendable () -> ServiceSnapshot
  private let checks: [any PresenceCheck]
  private let rounds = CleanupRounds()
  /// When a grant was first found missing, by state.
  private var ungrantedSince: [String: Int64] = [:]
  /// Whose grants states were held against last; nil when that has to be done anew.
  private var checkedGeneration: UInt64?
  private var checkedOwnersAt: Int64 = 0
  private var trimmedAt: Int64 = 0
  private var countedAt: Int64 = 0
  private var isLeading = false

  /// How often live states are held against owners and grants that did not change here, in seconds.
  private static let ownerCheckSeconds: Int64 = 60

  /// How often the ledger's credentials are counted for metrics, in seconds.
  private static let countSeconds: Int64 = 15

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
      } catch { break }
    }
    await rounds.cancel()
  }

  /// One pass. What fails is logged and left for the next.
  public func pass() async {
    await issuance.withdrawals.retry()
    do throws(LedgerError) {
      let leads = try await issuance.ledger.leads()
      if leads != isLeading { issuance.log.write(.info, leads ? "reaper_leads" : "reaper_follows") }
      isLeading = leads
      guard leads else {
        // Whether a grant came back meanwhile nobody here will see.
        (ungrantedSince, checkedGeneration) = ([:], nil)
        forgetCount()
        return
      }
      let now = issuance.settings.wallClock()
      try await markExpired(now)
      try await markAbandoned(now)
      try await markUngranted(now)
      try await cleanUp(now)
      try await trimAudit(now)
      try await count(now)
    } catch {
      isLeading = false
      forgetCount()
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
    try await eachPage(filter) { page throws(LedgerError) in
      let dead = try await issuance.ledger.dead(among: Set(page.map(\.instance)))
      for state in page {
        if dead.contains(state.instance) {
          try await mark(state, because: "its server ended before it was handed out")
        } else if state.createdAtSeconds + issuance.settings.abandonedAfterSeconds <= now {
          try await mark(state, because: "it was never handed out")
        }
      }
    }
  }

  private func eachPage(
    _ first: StateFilter, _ body: ([GeneratorState]) async throws(LedgerError) -> Void
  ) async throws(LedgerError) {
    var filter = first
    while true {
      let page = try await issuance.ledger.states(filter, limit: Self.pageSize)
      if !page.isEmpty { try await body(page) }
      guard page.count == Self.pageSize, let last = page.last else { return }
      // Going round for ever would hold up all cleanup.
      guard last.name != filter.after?.name else {
        throw LedgerError(.unusable, "the ledger gives the same page of states again")
      }
      filter.after = last
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
    let busy = await rounds.busy
    var due: [String: [GeneratorState]] = [:]
    var count = 0
    try await eachPage(filter) { page throws(LedgerError) in
      for state in page where count < Self.maximumRound && !busy.contains(state.resource) {
        due[state.resource, default: []].append(state)
        count += 1
      }
    }
    let (cleaner, source) = (issuance.cleaner, snapshot().generators)
    await rounds.run(due, patience: issuance.settings.reaperIntervalSeconds) { states in
      _ = await cleaner.clean(states, from: source, actor: .reaper)
    }
  }

  private func count(_ now: Int64) async throws(LedgerError) {
    guard now - countedAt >= Self.countSeconds else { return }
    let phases = try await issuance.ledger.countStates()
    issuance.counts.phases.withLock { $0 = phases }
    countedAt = now
  }

  /// Leaves the count to whoever knows better.
  private func forgetCount() {
    issuance.counts.phases.withLock { $0 = nil }
    countedAt = 0
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
    let looksForOwners = now - checkedOwnersAt >= Self.ownerCheckSeconds
    guard looksForOwners || snapshot.generation != checkedGeneration || !ungrantedSince.isEmpty else { return }
    var ungranted: [String: Int64] = [:]
    var filter = StateFilter()
    filter.phases = [.live]
    try await eachPage(filter) { page throws(LedgerError) in
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
    }
    ungrantedSince = ungranted
    checkedGeneration = snapshot.generation
    if looksForOwners { checkedOwnersAt = now }
  }

  private func whyGone(_ state: GeneratorState) async -> String? {
    for check in checks {
      if case .gone(let reason) = await check.presence(ofOwner: state) { return reason }
    }
    return nil
  }
}
