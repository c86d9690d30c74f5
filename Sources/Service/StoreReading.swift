import FederationAPI
import Ledger
import SecretStores

/// One caller's reading of stores during one call: what it may read, and what is noted of it.
struct StoreReading: Sendable {
  let caller: VerifiedCaller
  /// The peer's address and port.
  let peer: String
  /// What the call asks of the age of values.
  let freshness: ReadFreshness?
  let snapshot: ServiceSnapshot
  let issuance: Issuance?
  let lines: CallerLines

  /// A store that the caller may read, with the federations whose grants say so.
  struct Granted: Sendable {
    let store: any SecretStore
    let federations: Set<FederationReference>
  }

  /// Looks the store up: PERMISSION_DENIED for one that no Authorization grants, FAILED_PRECONDITION for one that is
  /// not configured.
  func grant(of name: String) -> Result<Granted, RPCError> {
    let federations = snapshot.policy.federations(of: caller.identity, granting: name)
    guard !federations.isEmpty else { return .failure(.notAuthorized) }
    guard let store = snapshot.stores[name] else { return .failure(.noStore(name)) }
    return .success(Granted(store: store, federations: federations))
  }

  /// What is wrong with a reference whatever store it names, nil when it can be looked up.
  static func problem(in reference: SecretReference) -> RPCError? {
    if let problem = Limits.problem("store", reference.store, atMost: Limits.storeName) { return problem }
    if let problem = Limits.problem("name", reference.key, atMost: Limits.secretName) { return problem }
    for (field, text, limit) in [
      ("property", reference.property, Limits.property), ("version", reference.version, Limits.version),
    ] where (text ?? "").utf8.count > limit {
      return RPCError(.invalidArgument, "\(field) is longer than \(limit) bytes")
    }
    return nil
  }

  /// Reads one value of a granted store. What comes of it is the caller's to note.
  func read(_ reference: SecretReference, from granted: Granted) -> Reply<SecretBytes> {
    read(reference, from: granted, freshness)
  }

  /// The same, of whose age `freshness` is told in place of the call's.
  func read(
    _ reference: SecretReference, from granted: Granted, _ freshness: ReadFreshness?
  ) -> Reply<SecretBytes> {
    lines.log.write(
      .debug, "secret_read",
      ["subject": caller.identity.subject, "store": reference.store, "name": reference.key, "peer": peer])
    return granted.store.read(reference, freshness, for: caller.identity)
  }

  /// Logs that the caller asked for what it may not read.
  func logDenied(_ reference: SecretReference) {
    lines.secretDenied(reference, to: caller.identity, peer: peer)
  }

  /// Notes the same in the audit trail.
  func journalDenied(_ reference: SecretReference) {
    issuance?.journal.refused(.readSecret, target(reference), caller, peer: peer, .permissionDenied)
  }

  /// Notes in the audit trail that the caller was given the value, by the grants of `federations`.
  func journalRead(_ reference: SecretReference, _ federations: Set<FederationReference>) {
    guard let issuance else { return }
    let issued = IssuedCredential(
      source: .secret(store: reference.store, key: reference.key), workload: caller.workload?.binding,
      lastIssuedAtSeconds: issuance.settings.wallClock())
    issuance.journal.read(
      target(reference), caller, peer: peer, issued: issued,
      to: IdentityReference(caller.identity, federations))
  }

  private func target(_ reference: SecretReference) -> String { "\(reference.store)/\(reference.key)" }
}

extension SecretReference {
  /// What its texts take.
  var textBytes: Int {
    store.utf8.count + key.utf8.count + (property?.utf8.count ?? 0) + (version?.utf8.count ?? 0)
  }
}

extension [SecretReference] {
  /// What the texts of all take.
  var textBytes: Int { reduce(0) { $0 + $1.textBytes } }
}

extension RPCError {
  /// A grant names a store that is not there.
  static func noStore(_ name: String) -> RPCError {
    RPCError(
      .failedPrecondition,
      "store \"\(name)\" is not configured on this server; ask its operator for a ClusterSecretStore")
  }
}
