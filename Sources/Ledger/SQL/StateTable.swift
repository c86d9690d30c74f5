import FederationAPI
import JSON

/// The generator states.
struct StateTable {
  static let columns = ColumnList(
    "ledger_state",
    """
    name namespace kind generator owner_name owner_label owner_attributes workload_kind workload_name workload_uid \
    workload_namespace identity method provider subject \(FederationColumns.names) resource state phase instance \
    created_at expires_at revocation_reason attempts next_attempt_at last_error resource_digest
    """)
  /// The longest text in a column that has an index, in bytes: what Kubernetes takes as a name.
  static let maximumNameBytes = 253

  let session: any LedgerSession

  func insert(_ state: GeneratorState) throws(LedgerError) {
    for text in [state.name, state.generator.namespace, state.owner.label]
    where text.utf8.count > Self.maximumNameBytes {
      throw LedgerError(
        .invalid, "a name of \(text.utf8.count) bytes is over the ledger's limit of \(Self.maximumNameBytes)")
    }
    guard !state.identity.federations.isEmpty else {
      throw LedgerError(.invalid, "no federation vouches for whom a credential is made for")
    }
    try Self.columns.insert([values(state)], into: session)
  }

  /// Whether the state was pending, and is live now.
  func makeLive(_ name: String, _ lease: StateLease?) throws(LedgerError) -> Bool {
    try session.run(
      """
      UPDATE ledger_state SET phase = $1, state = COALESCE($2, state), expires_at = COALESCE($3, expires_at)
      WHERE name = $4 AND phase = $5
      """,
      .text(GeneratorState.Phase.live.rawValue), .text(lease?.state), .integer(lease?.expiresAtSeconds), .text(name),
      .text(GeneratorState.Phase.pending.rawValue)
    ).changed == 1
  }

  func markForRevocation(_ filter: StateFilter, reason: String) throws(LedgerError) -> [GeneratorState] {
    let conditions = conditions(filter, after: [.text(GeneratorState.Phase.revoking.rawValue), .text(reason)])
    // The first reason is the true one.
    let sql = """
      UPDATE ledger_state
      SET phase = $1, revocation_reason = CASE WHEN phase = $1 THEN revocation_reason ELSE $2 END\(conditions.clause)
      RETURNING \(Self.columns.selection)
      """
    let states = try states(session.run(sql, conditions.values))
    return states.sorted { ($0.createdAtSeconds, $0.name) < ($1.createdAtSeconds, $1.name) }
  }

  /// Whether there was such a state.
  func remove(_ name: String) throws(LedgerError) -> Bool {
    try session.run("DELETE FROM ledger_state WHERE name = $1", .text(name)).changed == 1
  }

  func postpone(_ name: String, until time: Int64, error: String) throws(LedgerError) {
    try session.run(
      "UPDATE ledger_state SET attempts = attempts + 1, next_attempt_at = $1, last_error = $2 WHERE name = $3",
      .integer(time), .text(error), .text(name))
  }

  func states(_ filter: StateFilter, limit: Int) throws(LedgerError) -> [GeneratorState] {
    var conditions = conditions(filter, after: [])
    let clause = conditions.limited("created_at, name", to: limit)
    return try states(
      session.run("SELECT \(Self.columns.selection) FROM \(Self.columns.table)\(clause)", conditions.values))
  }

  /// How many states there are in each phase.
  func count() throws(LedgerError) -> [GeneratorState.Phase: Int] {
    var counts: [GeneratorState.Phase: Int] = [:]
    for phase in GeneratorState.Phase.allCases { counts[phase] = 0 }
    for stored in try session.run("SELECT phase, COUNT(*) FROM \(Self.columns.table) GROUP BY phase").rows {
      var row = stored
      let phase = try row.value(GeneratorState.Phase.self)
      counts[phase] = Int(try row.integer())
    }
    return counts
  }

  private func conditions(_ filter: StateFilter, after values: [LedgerValue]) -> Conditions {
    var conditions = Conditions(after: values)
    if let name = filter.name { conditions.add("name", "=", .text(name)) }
    if let namespace = filter.namespace { conditions.add("namespace", "=", .text(namespace)) }
    if let kind = filter.generatorKind { conditions.add("kind", "=", .text(kind)) }
    if let name = filter.generatorName { conditions.add("generator", "=", .text(name)) }
    if let label = filter.ownerLabel { conditions.add("owner_label", "=", .text(label)) }
    if let identity = filter.identity { conditions.add("identity", "=", .text(identity.digest)) }
    if let subject = filter.subject { conditions.add("subject", "=", .text(subject)) }
    if let phases = filter.phases { conditions.add("phase", in: phases.map { .text($0.rawValue) }) }
    if let time = filter.expiringBySeconds { conditions.add("expires_at", "<=", .integer(time)) }
    if let time = filter.dueBySeconds { conditions.add("next_attempt_at", "<=", .integer(time)) }
    if let last = filter.after {
      conditions.add(["created_at", "name"], after: [.integer(last.createdAtSeconds), .text(last.name)])
    }
    return conditions
  }

  private func states(_ result: LedgerRows) throws(LedgerError) -> [GeneratorState] {
    var states: [GeneratorState] = []
    for row in result.rows { states.append(try state(row)) }
    return states
  }

  private func values(_ state: GeneratorState) -> [LedgerValue] {
    let attributes = JSONValue.object(
      Dictionary(state.owner.attributes.map { (JSONName($0.key), .string($0.value)) }) { _, last in last })
    return [
      .text(state.name), .text(state.generator.namespace), .text(state.generator.kind), .text(state.generator.name),
      .text(state.owner.name), .text(state.owner.label), .text(String(decoding: attributes.encoded(), as: UTF8.self)),
      .text(state.owner.workload?.kind), .text(state.owner.workload?.name), .text(state.owner.workload?.uid),
      .text(state.owner.workload?.namespace), .text(state.identity.digest), .text(state.identity.method.rawValue),
      .text(state.identity.provider), .text(state.identity.subject),
    ] + FederationColumns.values(state.identity.federations) + [
      .text(state.resource), .text(state.state), .text(state.phase.rawValue), .text(state.instance),
      .integer(state.createdAtSeconds), .integer(state.expiresAtSeconds), .text(state.revocationReason),
      .integer(Int64(state.attempts)), .integer(state.nextAttemptAtSeconds), .text(state.lastError),
      .text(Self.digest(ofResource: state.resource)),
    ]
  }

  private func state(_ stored: LedgerRow) throws(LedgerError) -> GeneratorState {
    var row = stored
    let name = try row.text()
    let generator = GeneratorReference(namespace: try row.text(), kind: try row.text(), name: try row.text())
    let owner = Owner(
      name: try row.text(), label: try row.text(), attributes: try attributes(row.text()),
      workload: try WorkloadBinding(reading: &row))
    _ = try row.text()
    return GeneratorState(
      name: name, generator: generator, owner: owner, identity: try IdentityReference(reading: &row),
      resource: try row.text(), state: try row.text(), phase: try row.value(GeneratorState.Phase.self),
      instance: try row.text(), createdAtSeconds: try row.integer(), expiresAtSeconds: try row.optionalInteger(),
      revocationReason: try row.optionalText(), attempts: Int(try row.integer()),
      nextAttemptAtSeconds: try row.integer(), lastError: try row.optionalText())
  }

  private func attributes(_ text: String) throws(LedgerError) -> [String: String] {
    do throws(JSONError) {
      let value = try JSONValue.parse(Array(text.utf8), maximumByteCount: text.utf8.count)
      let members = (value.object ?? [:]).compactMap { name, value in value.string.map { (name.text, $0) } }
      return Dictionary(members) { _, last in last }
    } catch { throw LedgerError(.unusable, "the owner attributes of a state are not JSON: restore a backup") }
  }
}

extension WorkloadBinding {
  /// Nil where the columns are NULL.
  init?(reading row: inout LedgerRow) throws(LedgerError) {
    let (kind, name) = (try row.optionalText(), try row.optionalText())
    let (uid, namespace) = (try row.optionalText(), try row.optionalText())
    guard let kind, let name, let uid, let namespace else { return nil }
    self.init(kind: kind, name: name, uid: uid, namespace: namespace)
  }
}

extension IdentityReference {
  init(reading row: inout LedgerRow) throws(LedgerError) {
    self.init(
      method: try row.value(AuthenticationMethod.self), provider: try row.text(), subject: try row.text(),
      federations: try FederationColumns.read(&row))
  }
}
