import Crypto

/// The ledger in a database's tables: one set of statements for SQLite and for PostgreSQL.
struct SQLLedger: Ledger {
  let instance: String
  let database: any LedgerDatabase
  let presence: any LedgerPresence

  func announce(_ state: GeneratorState) async throws(LedgerError) {
    // A pending state of an instance that looks dead is taken back.
    try await presence.show()
    try await database.transaction { session throws(LedgerError) in try StateTable(session: session).insert(state) }
  }

  func confirm(
    _ stateName: String, lease: StateLease?, issued: IssuedCredential, to identity: IdentityReference, audit: AuditEntry
  ) async throws(LedgerError) -> Bool {
    try await database.transaction { session throws(LedgerError) in
      guard try StateTable(session: session).makeLive(stateName, lease) else { return false }
      try IdentityTable(session: session).record([(identity, issued)])
      try AuditTable(session: session).append([audit])
      return true
    }
  }

  func markForRevocation(_ filter: StateFilter, reason: String) async throws(LedgerError) -> [GeneratorState] {
    try await database.transaction { session throws(LedgerError) in
      try StateTable(session: session).markForRevocation(filter, reason: reason)
    }
  }

  func forget(_ stateName: String, audit: AuditEntry?) async throws(LedgerError) {
    try await database.transaction { session throws(LedgerError) in
      // Of two that cleaned up the same state, one tells.
      guard try StateTable(session: session).remove(stateName) else { return }
      try IdentityTable(session: session).remove(stateName: stateName)
      if let audit { try AuditTable(session: session).append([audit]) }
    }
  }

  func postpone(_ stateName: String, until nextAttemptAtSeconds: Int64, error: String) async throws(LedgerError) {
    try await database.transaction { session throws(LedgerError) in
      try StateTable(session: session).postpone(stateName, until: nextAttemptAtSeconds, error: error)
    }
  }

  func states(_ filter: StateFilter, limit: Int) async throws(LedgerError) -> [GeneratorState] {
    try await database.read { session throws(LedgerError) in
      try StateTable(session: session).states(filter, limit: limit)
    }
  }

  func countStates() async throws(LedgerError) -> [GeneratorState.Phase: Int] {
    try await database.read { session throws(LedgerError) in try StateTable(session: session).count() }
  }

  func resources(ofKinds kinds: Set<String>) async throws(LedgerError) -> [String] {
    try await database.read { session throws(LedgerError) in
      try StateTable(session: session).resources(ofKinds: kinds)
    }
  }

  func record(_ issued: [(identity: IdentityReference, credential: IssuedCredential)]) async throws(LedgerError) {
    guard !issued.isEmpty else { return }
    try await database.transaction { session throws(LedgerError) in
      try IdentityTable(session: session).record(issued)
    }
  }

  func identities(name: String?) async throws(LedgerError) -> [AuthorizedIdentity] {
    try await database.read { session throws(LedgerError) in
      try IdentityTable(session: session).identities(name: name)
    }
  }

  func append(_ entries: [AuditEntry]) async throws(LedgerError) {
    guard !entries.isEmpty else { return }
    try await database.transaction { session throws(LedgerError) in
      try AuditTable(session: session).append(entries)
    }
  }

  func audit(_ filter: AuditFilter, limit: Int) async throws(LedgerError) -> [AuditEntry] {
    try await database.read { session throws(LedgerError) in
      try AuditTable(session: session).entries(filter, limit: limit)
    }
  }

  func trimAudit(olderThanMilliseconds: Int64) async throws(LedgerError) -> Int {
    var total = 0
    while true {
      let removed = try await database.transaction { session throws(LedgerError) in
        try AuditTable(session: session).trim(olderThanMilliseconds: olderThanMilliseconds)
      }
      total += removed
      guard removed == Int(AuditTable.trimmedAtOnce) else { return total }
    }
  }

  func leads() async throws(LedgerError) -> Bool { try await presence.leads() }

  func dead(among instances: Set<String>) async throws(LedgerError) -> Set<String> {
    let others = instances.subtracting([instance])
    return others.isEmpty ? [] : try await presence.dead(among: others)
  }

  func close() async {
    await presence.close()
    await database.close()
  }

  /// A name for this start of this process.
  static func newInstance() throws(LedgerError) -> String {
    do throws(CryptoError) {
      return Hexadecimal.encode(try SecureRandom.bytes(16))
    } catch { throw LedgerError(.unavailable, "cannot name this process: \(error)") }
  }
}
