import FederationAPI
import Identity

/// One connection's calls that are answered from memory. Remembers the last caller, who mostly calls again.
final class LoopSession: ImmediateSession {
  private let answers: LoopAnswers
  private let binding: ConnectionIdentity?
  private var last: LastCaller?
  private var bound: (revision: UInt64, caller: Caller)?

  init(answers: LoopAnswers, binding: ConnectionIdentity?) {
    self.answers = answers
    self.binding = binding
  }

  func secret(
    store: RawSpan, name: RawSpan, caCertificates: RawSpan, authorization: RawSpan, now: MonotonicTime
  ) -> SecretBytes? {
    answers.catchUp()
    guard store.byteCount <= Limits.storeName, name.byteCount <= Limits.secretName,
      let caller = authorization.isEmpty ? boundCaller() : caller(authorization, caCertificates),
      !Authenticator.isOver(caller.expiresAtSeconds, wallSeconds: answers.wallSeconds(at: now))
    else { return nil }
    return caller.store(store)?.valueInMemory(name)
  }

  private func caller(_ authorization: RawSpan, _ caCertificates: RawSpan) -> Caller? {
    let snapshot = answers.snapshot
    if let last, last.isSame(authorization, caCertificates), last.caller.snapshot === snapshot { return last.caller }
    guard
      let token = Authenticator.digest(
        authorization: authorization, caCertificates: caCertificates, context: answers.digests)
    else { return nil }
    if let last, last.token == token, last.caller.snapshot === snapshot {
      // Whoever comes twice comes more often, and comparing costs a tenth of digesting.
      last.recognize(authorization, answers.interned(caCertificates))
      return last.caller
    }
    guard let caller = answers.caller(token) else { return nil }
    last = LastCaller(token, caller)
    return caller
  }

  private func boundCaller() -> Caller? {
    guard let binding else { return nil }
    let snapshot = answers.snapshot
    // Read before the identity: one that is bound in between is looked at once more, never missed.
    let revision = binding.revision
    if let bound, bound.revision == revision, bound.caller.snapshot === snapshot { return bound.caller }
    guard let identity = answers.authenticator.knownIdentity(of: binding, trust: snapshot.trust) else { return nil }
    let caller = Caller(identity, snapshot)
    bound = (revision, caller)
    return caller
  }
}
