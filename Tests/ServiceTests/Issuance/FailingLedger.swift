import FederationAPI
import Synchronization

@testable import Ledger

/// A ledger that can be away, before a call reaches it or before its answer is back, and that a test can stop at.
final class FailingLedger: Ledger {
  enum Operation: Hashable, CaseIterable {
    case announce, confirm, mark, forget, postpone, states, resources, record, append, trim, leads
  }
  enum Failure { case before, afterCommit, conflict }

  private let inner: any Ledger
  private let failures = Mutex<[Operation: Failure]>([:])
  private let gates = Mutex<[Operation: Gate]>([:])
  private let asked = Mutex<[Operation]>([])

  private let hasLost = Atomic(false)

  init(_ inner: any Ledger) { self.inner = inner }

  /// Lets another process have the lead, as far as this one is told.
  func loseLead(_ isLost: Bool) { hasLost.store(isLost, ordering: .relaxed) }

  var instance: String { inner.instance }
  /// What was called since this was last read.
  func takeOperations() -> [Operation] {
    asked.withLock { asked in
      defer { asked = [] }
      return asked
    }
  }

  func fail(_ operations: Operation..., as failure: Failure = .before) {
    failures.withLock { failures in for operation in operations { failures[operation] = failure } }
  }
  func failEverything() {
    failures.withLock { failures in for each in Operation.allCases { failures[each] = .before } }
  }
  func recover() { failures.withLock { $0 = [:] } }
  func stop(at operation: Operation, _ gate: Gate?) { gates.withLock { $0[operation] = gate } }

  private func call<Value>(
    _ operation: Operation, _ work: () async throws(LedgerError) -> Value
  ) async throws(LedgerError) -> Value {
    asked.withLock { $0.append(operation) }
    await gates.withLock { $0[operation] }?.pass()
    switch failures.withLock({ $0[operation] }) {
    case nil: return try await work()
    case .before: throw LedgerError(.unavailable, "a test has it away")
    case .conflict: throw LedgerError(.conflict, "a test has the name taken")
    case .afterCommit:
      _ = try await work()
      throw LedgerError(.unavailable, "a test lost the answer")
    }
  }

  func announce(_ state: GeneratorState) async throws(LedgerError) {
    try await call(.announce) { () throws(LedgerError) in try await inner.announce(state) }
  }
  func confirm(
    _ name: String, lease: StateLease?, issued: IssuedCredential, to identity: IdentityReference, audit: AuditEntry
  ) async throws(LedgerError) -> Bool {
    try await call(.confirm) { () throws(LedgerError) in
      try await inner.confirm(name, lease: lease, issued: issued, to: identity, audit: audit)
    }
  }
  func markForRevocation(_ filter: StateFilter, reason: String) async throws(LedgerError) -> [GeneratorState] {
    try await call(.mark) { () throws(LedgerError) in try await inner.markForRevocation(filter, reason: reason) }
  }
  func forget(_ name: String, audit: AuditEntry?) async throws(LedgerError) {
    try await call(.forget) { () throws(LedgerError) in try await inner.forget(name, audit: audit) }
  }
  func postpone(_ name: String, until time: Int64, error: String) async throws(LedgerError) {
    try await call(.postpone) { () throws(LedgerError) in try await inner.postpone(name, until: time, error: error) }
  }
  func states(_ filter: StateFilter, limit: Int) async throws(LedgerError) -> [GeneratorState] {
    try await call(.states) { () throws(LedgerError) in try await inner.states(filter, limit: limit) }
  }
  func countStates() async throws(LedgerError) -> [GeneratorState.Phase: Int] {
    try await call(.states) { () throws(LedgerError) in try await inner.countStates() }
  }
  func resources(ofKinds kinds: Set<String>) async throws(LedgerError) -> [String] {
    try await call(.resources) { () throws(LedgerError) in try await inner.resources(ofKinds: kinds) }
  }
  func record(
    _ issued: [(identity: IdentityReference, credential: IssuedCredential)]
  ) async throws(LedgerError) {
    try await call(.record) { () throws(LedgerError) in try await inner.record(issued) }
  }
  func append(_ entries: [AuditEntry]) async throws(LedgerError) {
    try await call(.append) { () throws(LedgerError) in try await inner.append(entries) }
  }
  func trimAudit(olderThanMilliseconds time: Int64) async throws(LedgerError) -> Int {
    try await call(.trim) { () throws(LedgerError) in try await inner.trimAudit(olderThanMilliseconds: time) }
  }
  func leads() async throws(LedgerError) -> Bool {
    try await call(.leads) { () throws(LedgerError) in
      hasLost.load(ordering: .relaxed) ? false : try await inner.leads()
    }
  }

  // What tests look with is never away.
  func identities(name: String?) async throws(LedgerError) -> [AuthorizedIdentity] {
    try await inner.identities(name: name)
  }
  func audit(_ filter: AuditFilter, limit: Int) async throws(LedgerError) -> [AuditEntry] {
    try await inner.audit(filter, limit: limit)
  }
  func dead(among instances: Set<String>) async throws(LedgerError) -> Set<String> {
    try await inner.dead(among: instances)
  }
  func close() async { await inner.close() }

  /// All states, past every failure.
  func everyState() async throws -> [GeneratorState] { try await inner.states(StateFilter(), limit: 100_000) }
}
