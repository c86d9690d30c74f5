import FederationAPI
import Generators
import JSON
import Ledger

/// Takes back credentials whose states are marked for it, and forgets the states that nothing is left of.
final class CredentialCleaner: Sendable {
  /// How many are taken back at once.
  private static let concurrency = 8

  private let ledger: any Ledger
  private let settings: IssuanceSettings
  private let counts: IssuanceCounts
  private let lines: IssuanceLines

  init(ledger: any Ledger, settings: IssuanceSettings, counts: IssuanceCounts, lines: IssuanceLines) {
    self.counts = counts
    self.ledger = ledger
    self.settings = settings
    self.lines = lines
  }

  /// Cleans up each of `states`, with generators from `source`; gives how many could not be.
  ///
  /// Those stay in the ledger, to be tried again (docs/SECURITY.md, D21).
  func clean(_ states: [GeneratorState], from source: any GeneratorSource, actor: Actor) async -> Int {
    let outages = BackendOutages()
    let outcomes = await states.concurrentMap(atMost: Self.concurrency) { state in
      await self.clean(state, from: source, actor, outages)
    }
    return outcomes.count { !$0 }
  }

  /// On whose behalf a credential is taken back.
  struct Actor: Sendable {
    var action: AuditEntry.Action
    var identity: AuditIdentity?
    var peer: String?

    /// The server itself.
    static let reaper = Actor(action: .cleanUp, identity: nil, peer: nil)
  }

  private func clean(
    _ state: GeneratorState, from source: any GeneratorSource, _ actor: Actor, _ outages: BackendOutages
  ) async -> Bool {
    do throws(RPCError) {
      if let outage = outages.outage(of: state) { throw outage }
      let generator = try source.generator(snapshot: state.resource)
      guard let made = Self.parse(state.state) else {
        throw RPCError(.dataLoss, "the ledger's state is not JSON")
      }
      try await generator.cleanUp(made)
    } catch {
      outages.note(error, of: state)
      counts.cleanupFailures.add(1, ordering: .relaxed)
      await postpone(state, because: error)
      return false
    }
    do throws(LedgerError) {
      try await ledger.forget(state.name, audit: entry(state, actor, outcome: "ok"))
      counts.removed.add(1, ordering: .relaxed)
      lines.removed(state)
      return true
    } catch {
      // Cleaning up once more does no harm.
      counts.cleanupFailures.add(1, ordering: .relaxed)
      lines.ledgerFailed(.forget, error)
      return false
    }
  }

  /// The generator's own state, which is as large as the generator made it.
  private static func parse(_ text: String) -> JSONValue? {
    try? JSONValue.parse(
      text.utf8.span.bytes, maximumDepth: JSONValue.greatestMaximumDepth, maximumByteCount: text.utf8.count)
  }

  private func postpone(_ state: GeneratorState, because error: RPCError) async {
    let next = settings.nextAttempt(after: state.attempts, now: settings.wallClock())
    lines.notRemoved(state, because: error)
    do throws(LedgerError) {
      try await ledger.postpone(state.name, until: next, error: error.description)
    } catch {
      lines.ledgerFailed(.postpone, error)
    }
  }

  private func entry(_ state: GeneratorState, _ actor: Actor, outcome: String) -> AuditEntry {
    AuditEntry(
      atMilliseconds: settings.wallClockMilliseconds(), action: actor.action, outcome: outcome,
      identity: actor.identity, target: state.generator.description, stateName: state.name, owner: state.owner.name,
      peer: actor.peer, detail: state.revocationReason)
  }
}
