import FederationAPI
import Identity

/// One connection's calls that are answered from memory. Remembers the last caller, who mostly calls again.
final class LoopSession: ImmediateSession {
  private let answers: LoopAnswers
  private let binding: ConnectionIdentity?
  private let peer: String
  /// How many calls may come from the connection's address, and how many tokens that are refused.
  private let lease: CallLease
  private let failures: SharedBudget?
  /// Not where the peer's certificates tell who calls: a token beside them is refused.
  private let takesTokens: Bool
  /// Whose token came last, or who is bound, and under which revision.
  private var caller: Caller?
  private var token: TokenDigest?
  private var boundRevision: UInt64 = 0
  /// What the last token is recognised by once it has come twice.
  private var authorization = MaskedBytes()
  private var caCertificates: [UInt8] = []
  private var marks = ReadMarks()

  init(
    answers: LoopAnswers, binding: ConnectionIdentity?, peer: String, lease: CallLease, failures: SharedBudget?
  ) {
    self.answers = answers
    self.binding = binding
    self.peer = peer
    self.lease = lease
    self.failures = failures
    takesTokens = !(binding?.isProvedByPeer ?? false)
  }

  func secret(
    store: RawSpan, name: RawSpan, caCertificates: RawSpan, authorization: RawSpan, now: MonotonicTime
  ) -> SecretBytes? {
    answers.catchUp()
    guard !store.isEmpty, store.byteCount <= Limits.storeName, !name.isEmpty, name.byteCount <= Limits.secretName,
      authorization.isEmpty
        ? recognizeBinding(at: now)
        : takesTokens
          && recognize(
            authorization, caCertificates, at: now, isWellFormed: { isText(store) && isText(name) && mayFail(at: now) }),
      let caller,
      !Authenticator.isOver(caller.expiresAtSeconds, wallSeconds: answers.wallSeconds(at: now))
    else { return nil }
    return answers.value(
      store, name, for: caller, mayCall: { lease.take(at: now) && caller.lease.take(at: now) },
      isNoted: { noteRead(name, ofStore: $0, caller, now) })
  }

  /// Whether a token may be verified that nobody has seen; if not, the service says so.
  private func mayFail(at now: MonotonicTime) -> Bool { failures.map { $0.secondsUntilNext(at: now) == 0 } ?? true }

  /// Has the caller's read of `name` be in the audit trail for this minute; false when the service has to see to that.
  private func noteRead(_ name: RawSpan, ofStore index: Int, _ caller: Caller, _ now: MonotonicTime) -> Bool {
    let mark = name.tableHash ^ (caller.serial << 6 | UInt64(index)) &* 0x9E37_79B9_7F4A_7C15
    let minute = answers.wallSeconds(at: now) / 60
    if marks.contains(mark, minute: minute) { return true }
    guard answers.journalRead(name, ofStore: index, for: caller, peer: peer) else { return false }
    marks.insert(mark, minute: minute)
    return true
  }

  /// Makes whom the token speaks for the caller. False when nobody here knows.
  ///
  /// A token that nobody has seen is verified only if `isWellFormed`: a call that is refused for something else first
  /// never comes to where it would be told why its token was, and where too many were refused no more are looked at.
  private func recognize(
    _ authorization: RawSpan, _ caCertificates: RawSpan, at now: MonotonicTime, isWellFormed: () -> Bool
  ) -> Bool {
    let isCurrent = token != nil && isCurrent(at: now)
    if isCurrent, self.authorization.isEqual(to: authorization), caCertificates.isEqual(to: self.caCertificates) {
      return true
    }
    guard
      let digest = Authenticator.digest(
        authorization: authorization, caCertificates: caCertificates, context: answers.digests)
    else { return false }
    if isCurrent, digest == token {
      // Whoever comes twice comes more often, and comparing costs a tenth of digesting.
      self.authorization.keep(authorization)
      self.caCertificates = answers.interned(caCertificates)
      return true
    }
    let known = answers.caller(digest, at: now)
    guard
      let found = known == nil && isWellFormed()
        ? answers.newcomer(digest, authorization: authorization, caCertificates: caCertificates) : known
    else { return false }
    caller = found
    token = digest
    self.authorization.forget()
    return true
  }

  /// Whether the caller is still who it was found to be.
  private func isCurrent(at now: MonotonicTime) -> Bool {
    guard let caller else { return false }
    return caller.epoch == answers.epoch && now < caller.goodUntil
  }

  /// Makes whom the connection is bound to the caller. False when that is nobody.
  private func recognizeBinding(at now: MonotonicTime) -> Bool {
    guard let binding else { return false }
    // Read before the identity: one that is bound in between is looked at once more, never missed.
    let revision = binding.revision
    if token == nil, isCurrent(at: now), boundRevision == revision { return true }
    guard let identity = answers.authenticator.knownIdentity(of: binding, trust: answers.snapshot.trust)
    else { return false }
    caller = answers.makeCaller(identity)
    token = nil
    boundRevision = revision
    authorization.forget()
    return true
  }
}

/// Whether `bytes` may be a name on the wires: UTF-8 without NUL.
private func isText(_ bytes: RawSpan) -> Bool { bytes.isUTF8 && bytes.firstIndex(of: 0, from: 0) == nil }
