import FederationAPI
import Ledger
import Logging
import Synchronization

/// Gathers what callers did that nothing waits for, secrets read and calls denied, and writes it to the ledger in
/// batches, within about a second.
///
/// The same thing done again by the same caller for the same workload from the same address within a minute is one more
/// line at the minute's end, with its count. Bounded: see ``AuditWindow``; and what the ledger cannot take for long is
/// dropped, the oldest first, with a warning.
final class AuditJournal: Sendable {
  private struct State {
    var minute: Int64 = 0
    var window = AuditWindow()
    var entries: [AuditEntry] = []
    var issued: [(identity: IdentityReference, credential: IssuedCredential)] = []
    var dropped = 0
  }

  static let maximumWaiting = 65_536
  /// Dropped at once: to move all that is left for each entry that comes would take longer than to answer its call.
  static let droppedAtOnce = 4_096
  private static let gatheringNanoseconds: UInt64 = 1_000_000_000

  private let ledger: any Ledger
  private let wallClock: @Sendable () -> Int64
  private let log: Log
  private let state = Mutex(State())
  private let wakeUps: AsyncStream<Void>
  private let wakeUp: AsyncStream<Void>.Continuation

  init(ledger: any Ledger, wallClock: @escaping @Sendable () -> Int64, log: Log) {
    self.ledger = ledger
    self.wallClock = wallClock
    self.log = log
    (wakeUps, wakeUp) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Notes that `caller` was given the secret.
  func read(_ target: String, _ caller: VerifiedCaller, peer: String, issued: IssuedCredential, to: IdentityReference) {
    note(.readSecret, "ok", target, caller.audited(to.federations), peer: peer, issued: (to, issued))
  }

  /// Notes that `caller` was refused; `federations` are those of the grants, where there were any.
  func refused(
    _ action: AuditEntry.Action, _ target: String, _ caller: VerifiedCaller, peer: String, _ code: StatusCode,
    grantedBy federations: Set<FederationReference> = []
  ) {
    note(action, code.name, target, caller.audited(federations), peer: peer, issued: nil)
  }

  /// Writes as long as the task runs.
  func run() async {
    for await _ in wakeUps {
      do { try await Task.sleep(nanoseconds: Self.gatheringNanoseconds) } catch { return }
      let isWritten = await flush()
      // What waits for the ledger is written once it is back, and what was repeated once the minute is over, although
      // nobody calls any more.
      if !isWritten || state.withLock({ $0.window.hasRepeats }) { wakeUp.yield() }
    }
  }

  /// Writes what waits; false when the ledger did not take it.
  @discardableResult
  func flush() async -> Bool {
    state.withLock { roll(&$0, to: wallClock() / 60) }
    return await write()
  }

  /// Writes everything, what was repeated in this minute included; the last that is done.
  func finish() async {
    state.withLock { roll(&$0, to: .max) }
    await write()
  }

  @discardableResult
  private func write() async -> Bool {
    let (entries, issued, dropped) = state.withLock { state in
      defer { (state.entries, state.issued, state.dropped) = ([], [], 0) }
      return (state.entries, state.issued, state.dropped)
    }
    if dropped > 0 { log.write(.warning, "audit_entries_dropped", ["count": String(dropped)]) }
    do throws(LedgerError) {
      if !issued.isEmpty { try await ledger.record(issued) }
      if !entries.isEmpty { try await ledger.append(entries) }
      return true
    } catch {
      log.write(.error, "ledger_failed", ["doing": "audit", "reason": error.message])
      state.withLock { state in
        state.entries = entries + state.entries
        state.issued = issued + state.issued
        bound(&state)
      }
      return false
    }
  }

  private func note(
    _ action: AuditEntry.Action, _ outcome: String, _ target: String, _ identity: AuditIdentity, peer: String,
    issued: (identity: IdentityReference, credential: IssuedCredential)?
  ) {
    let now = wallClock()
    let entry = AuditEntry(
      atMilliseconds: now * 1_000, action: action, outcome: outcome, identity: identity, target: target,
      peer: peer)
    state.withLock { state in
      roll(&state, to: now / 60)
      guard let first = state.window.note(entry, for: issued?.credential.workload) else { return }
      state.entries.append(first)
      if let issued { state.issued.append(issued) }
      bound(&state)
    }
    wakeUp.yield()
  }

  /// Ends the minute before `minute`: what was repeated in it becomes a line with its count.
  private func roll(_ state: inout State, to minute: Int64) {
    guard state.minute != minute else { return }
    state.entries += state.window.end()
    state.minute = minute
    bound(&state)
  }

  private func bound(_ state: inout State) {
    state.dropped += Self.bound(&state.entries)
    _ = Self.bound(&state.issued)
  }

  /// Drops the oldest of too many; gives how many.
  private static func bound<Element>(_ waiting: inout [Element]) -> Int {
    guard waiting.count > maximumWaiting else { return 0 }
    let excess = waiting.count - maximumWaiting + droppedAtOnce
    waiting.removeFirst(excess)
    return excess
  }
}
