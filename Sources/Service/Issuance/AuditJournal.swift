import FederationAPI
import Ledger
import Logging
import Synchronization

/// Gathers what callers did that nothing waits for, secrets read and calls denied, and writes it to the ledger in
/// batches, within about a second.
///
/// The same thing done again by the same caller from the same address within a minute is one more line at the minute's
/// end, with its count. Bounded: what is too much to be told apart is counted together, and what the ledger cannot take
/// for long is dropped, the oldest first, with a warning.
final class AuditJournal: Sendable {
  private struct Key: Hashable {
    let identity: AuditIdentity?
    let action: AuditEntry.Action
    let outcome: String
    let target: String
    let address: Substring
  }

  private struct State {
    var minute: Int64 = 0
    /// What this minute's callers did, and how often since it was first written.
    var window: [Key: (entry: AuditEntry, repeats: Int64)] = [:]
    var entries: [AuditEntry] = []
    var issued: [(identity: IdentityReference, credential: IssuedCredential)] = []
    var dropped = 0
  }

  private static let maximumKeys = 16_384
  private static let maximumWaiting = 65_536
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
    let now = wallClock()
    let isNew = note(.readSecret, "ok", target, caller.audited, peer: peer, now: now)
    if isNew { state.withLock { $0.issued.append((to, issued)) } }
    wakeUp.yield()
  }

  /// Notes that `caller` was refused.
  func refused(
    _ action: AuditEntry.Action, _ target: String, _ caller: VerifiedCaller, peer: String, _ code: StatusCode
  ) {
    _ = note(action, code.name, target, caller.audited, peer: peer, now: wallClock())
    wakeUp.yield()
  }

  /// Writes as long as the task runs.
  func run() async {
    for await _ in wakeUps {
      do { try await Task.sleep(nanoseconds: Self.gatheringNanoseconds) } catch { return }
      if await !flush() {
        // The ledger is away. What waits is written once it is back.
        wakeUp.yield()
      }
    }
  }

  /// Writes what waits; false when the ledger did not take it.
  @discardableResult
  func flush() async -> Bool {
    let (entries, issued, dropped) = state.withLock { state in
      roll(&state, to: wallClock() / 60)
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
    now: Int64
  ) -> Bool {
    let address = peer.lastIndex(of: ":").map { peer[..<$0] } ?? peer[...]
    return state.withLock { state in
      roll(&state, to: now / 60)
      var key = Key(identity: identity, action: action, outcome: outcome, target: target, address: address)
      if state.window[key] == nil, state.window.count >= Self.maximumKeys {
        key = Key(identity: nil, action: action, outcome: outcome, target: "(several)", address: "")
      }
      if state.window[key] != nil {
        state.window[key]?.repeats += 1
        return false
      }
      let entry = AuditEntry(
        atMilliseconds: now * 1_000, action: action, outcome: outcome, identity: key.identity, target: key.target,
        peer: key.identity == nil ? nil : peer)
      state.window[key] = (entry, 0)
      state.entries.append(entry)
      bound(&state)
      return true
    }
  }

  /// Ends the minute before `minute`: what was repeated in it becomes a line with its count.
  private func roll(_ state: inout State, to minute: Int64) {
    guard state.minute != minute else { return }
    for (entry, repeats) in state.window.values where repeats > 0 {
      var repeated = entry
      repeated.count = repeats
      state.entries.append(repeated)
    }
    state.window.removeAll(keepingCapacity: state.window.count < Self.maximumKeys)
    state.minute = minute
    bound(&state)
  }

  private func bound(_ state: inout State) {
    for excess in [state.entries.count - Self.maximumWaiting] where excess > 0 {
      state.entries.removeFirst(excess)
      state.dropped += excess
    }
    if state.issued.count > Self.maximumWaiting { state.issued.removeFirst(state.issued.count - Self.maximumWaiting) }
  }
}
