import FederationAPI

/// Calls that bring no token: they are their connection's.
extension Authenticator {
  /// How often a call waits for keys, of which another call's fetch may bring none.
  private static let maximumRounds = 8

  /// The identity that the call's connection is bound to. Pending only when keys have to be fetched.
  func boundIdentity(
    _ call: CallContext, _ trust: Trust, _ failures: SharedBudget?
  ) -> Reply<VerifiedIdentity> {
    guard let binding = call.binding, let identity = binding.identity else {
      return .ready(.failure(refuse("the call has no authorization", call)))
    }
    if binding.isProvedByPeer {
      do throws(Refusal) {
        return .ready(.success(try self.identity(ofPeer: binding, trust: trust)))
      } catch {
        if let failures { noteFailure(failures) }
        return .ready(.failure(refuse(error.reason, call)))
      }
    }
    if let reason = whyOver(identity, trust) { return .ready(.failure(refuse(reason, call))) }
    switch check(identity, effort: .fetch) {
    case .wait(let flight): return .pending { [self] in await finish(identity, waitingFor: flight, call) }
    case let check: return .ready(conclude(check, identity, call))
    }
  }

  /// Why an identity that tokens proved is over whatever its keys are; nil when it is not.
  func whyOver(_ identity: VerifiedIdentity, _ trust: Trust) -> String? {
    if TokenClaims.isExpired(identity.expiresAtSeconds, now: settings.wallClock()) {
      return "the connection's token has expired"
    }
    if identity.trustGeneration == trust.generation { return nil }
    guard history.stillVouches(for: identity, in: trust) else {
      return "a federation behind the connection's token was changed or removed"
    }
    // As for the token itself, which nobody would be asked about.
    guard trust.policy.federations(issuer: identity.provider).contains(where: identity.federations.contains) else {
      return "no Authorization with a federation behind the connection's token names its issuer any more"
    }
    return nil
  }

  private func finish(
    _ identity: VerifiedIdentity, waitingFor first: KeySetFlight, _ call: CallContext
  ) async -> Result<VerifiedIdentity, RPCError> {
    defer { waitingCalls.subtract(1, ordering: .relaxed) }
    guard waitingCalls.add(1, ordering: .relaxed).newValue <= settings.maximumWaitingCalls else {
      return .failure(.tooManyWait)
    }
    var flight = first
    for _ in 0..<Self.maximumRounds {
      await flight.wait()
      if Task.isCancelled { return .failure(givenUp(call)) }
      let check = check(identity, effort: .fetch)
      guard case .wait(let next) = check else { return conclude(check, identity, call) }
      flight = next
    }
    return conclude(.over, identity, call)
  }

  private func conclude(
    _ check: KeySetCache.Check, _ identity: VerifiedIdentity, _ call: CallContext
  ) -> Result<VerifiedIdentity, RPCError> {
    switch check {
    case .good: .success(identity)
    case .over:
      .failure(refuse("a key behind the connection's token was withdrawn, or nobody can say whether it was", call))
    case .wait, .busy: .failure(.tooManyFetches)
    }
  }
}

extension RPCError {
  static let tooManyWait = RPCError(.resourceExhausted, "server busy: too many calls wait for key sets; retry")
  static let tooManyFetches = RPCError(
    .resourceExhausted, "server busy: too many key sets are being fetched; retry")
}
