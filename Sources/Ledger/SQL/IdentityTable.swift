import FederationAPI

/// The records of identities, and what they were given.
struct IdentityTable {
  static let identities = ColumnList(
    "ledger_identity", "digest name method provider subject \(FederationColumns.names)")
  static let credentials = ColumnList(
    "ledger_credential",
    """
    identity entry store secret namespace kind generator state_name workload_kind workload_name workload_uid \
    workload_namespace last_issued_at
    """)

  let session: any LedgerSession

  func record(_ issued: [(identity: IdentityReference, credential: IssuedCredential)]) throws(LedgerError) {
    guard !issued.isEmpty else { return }
    var identities: [String: IdentityReference] = [:]
    var entries: [String: [String: IssuedCredential]] = [:]
    for (identity, credential) in issued {
      let digest = identity.digest
      identities[digest] = identities[digest] ?? identity
      entries[digest, default: [:]][credential.entry] = credential
    }
    // Whoever writes a record holds its row until the transaction ends, so that two writers cannot both find it within
    // its bound; all take the rows in one order, so that none waits for another in a circle.
    let order = identities.keys.sorted()
    let records = order.compactMap { digest in identities[digest].map { values($0, digest: digest) } }
    try Self.identities.insert(records, "ON CONFLICT (digest) DO UPDATE SET name = excluded.name", into: session)
    let rows = order.flatMap { digest in
      (entries[digest] ?? [:]).sorted { $0.key < $1.key }.map { values($0.value, entry: $0.key, of: digest) }
    }
    try Self.credentials.insert(
      rows, "ON CONFLICT (identity, entry) DO UPDATE SET last_issued_at = excluded.last_issued_at", into: session)
    for digest in order { try evict(from: digest, except: Array((entries[digest] ?? [:]).keys)) }
  }

  /// Removes the entry of a state that is forgotten.
  func remove(stateName: String) throws(LedgerError) {
    try session.run("DELETE FROM ledger_credential WHERE state_name = $1", .text(stateName))
  }

  func identities(name: String?) throws(LedgerError) -> [AuthorizedIdentity] {
    var conditions = Conditions()
    if let name { conditions.add("i.name", "=", .text(name)) }
    let columns =
      Self.identities.names.map { "i.\($0)" } + Self.credentials.names.dropFirst().map { "c.\($0)" }
    let sql = """
      SELECT \(columns.joined(separator: ", "))
      FROM ledger_identity i LEFT JOIN ledger_credential c ON c.identity = i.digest\(conditions.clause)
      ORDER BY i.name, i.digest, c.last_issued_at, c.entry
      """
    var identities: [AuthorizedIdentity] = []
    var last: String?
    for stored in try session.run(sql, conditions.values).rows {
      var row = stored
      let digest = try row.text()
      let name = try row.text()
      let identity = try IdentityReference(reading: &row)
      if digest != last {
        identities.append(AuthorizedIdentity(name: name, identity: identity, issuedCredentials: []))
        last = digest
      }
      if let credential = try credential(row) {
        identities[identities.count - 1].issuedCredentials.append(credential)
      }
    }
    return identities
  }

  /// Brings a record back within its bound: the secrets that were read longest ago go first, then what generators made
  /// that is no longer there. The rest stays past the bound, since it is what a revocation has to find. What was
  /// written just now stays as well, whatever the clock did meanwhile.
  private func evict(from digest: String, except fresh: [String]) throws(LedgerError) {
    var counted = try session.run("SELECT count(*) FROM ledger_credential WHERE identity = $1", .text(digest)).rows
    let excess = try counted.isEmpty ? 0 : counted[0].integer() - Int64(AuthorizedIdentity.maximumCredentials)
    guard excess > 0 else { return }
    // More at once than the bound cannot all stay.
    let kept = fresh.count > AuthorizedIdentity.maximumCredentials ? [] : fresh
    let places = kept.indices.map { "$\($0 + 2)" }.joined(separator: ", ")
    let sql = """
      DELETE FROM ledger_credential WHERE identity = $1 AND entry IN (
        SELECT entry FROM ledger_credential c WHERE c.identity = $1
          \(kept.isEmpty ? "" : "AND c.entry NOT IN (\(places))")
          AND NOT EXISTS (SELECT 1 FROM ledger_state s WHERE s.name = c.state_name)
        ORDER BY CASE WHEN c.store IS NULL THEN 1 ELSE 0 END, c.last_issued_at, c.entry LIMIT $\(kept.count + 2))
      """
    _ = try session.run(sql, [.text(digest)] + kept.map { .text($0) } + [.integer(excess)])
  }

  private func values(_ identity: IdentityReference, digest: String) -> [LedgerValue] {
    [
      .text(digest), .text(identity.recordName), .text(identity.method.rawValue), .text(identity.provider),
      .text(identity.subject),
    ] + FederationColumns.values(identity.federations)
  }

  private func values(_ credential: IssuedCredential, entry: String, of identity: String) -> [LedgerValue] {
    let source: [LedgerValue] =
      switch credential.source {
      case .secret(let store, let key): [.text(store), .text(key), .null, .null, .null, .null]
      case .generator(let generator, let stateName):
        [.null, .null, .text(generator.namespace), .text(generator.kind), .text(generator.name), .text(stateName)]
      }
    let workload = credential.workload
    return [.text(identity), .text(entry)] + source + [
      .text(workload?.kind), .text(workload?.name), .text(workload?.uid), .text(workload?.namespace),
      .integer(credential.lastIssuedAtSeconds),
    ]
  }

  /// Nil where an identity has no entry.
  private func credential(_ stored: LedgerRow) throws(LedgerError) -> IssuedCredential? {
    var row = stored
    guard try row.optionalText() != nil else { return nil }
    let (store, secret) = (try row.optionalText(), try row.optionalText())
    let (namespace, kind) = (try row.optionalText(), try row.optionalText())
    let (generator, stateName) = (try row.optionalText(), try row.optionalText())
    let source: IssuedCredential.Source
    if let store, let secret {
      source = .secret(store: store, key: secret)
    } else if let namespace, let kind, let generator, let stateName {
      source = .generator(
        GeneratorReference(namespace: namespace, kind: kind, name: generator), stateName: stateName)
    } else {
      throw LedgerError(.unusable, "an issued credential has no source: restore a backup")
    }
    return IssuedCredential(
      source: source, workload: try WorkloadBinding(reading: &row), lastIssuedAtSeconds: try row.integer())
  }
}

extension IssuedCredential {
  /// Equal for two entries that the documented API takes for the same: all that names source, state and workload, but
  /// not when it was given.
  fileprivate var entry: String {
    let place: [String?] =
      switch source {
      case .secret(let store, let key): ["secret", store, key, nil]
      case .generator(let generator, let stateName):
        ["generator", generator.namespace, generator.kind, generator.name, stateName]
      }
    return Digest.of(place + [workload?.kind, workload?.name, workload?.uid, workload?.namespace])
  }
}
