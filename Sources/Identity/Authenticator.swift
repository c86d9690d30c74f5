import Crypto
import FederationAPI
import HTTPClient
import Logging
import Synchronization

/// Finds out who is calling: a token of a federation becomes an identity.
///
/// Every failure is the same answer to the caller, ``RPCError/unauthenticated``; the reason goes to the log.
public final class Authenticator: Sendable {
  let settings: AuthenticatorSettings
  let tokens: VerifiedTokenCache
  let keySets: KeySetCache
  let history = FederationHistory()
  private let bundles = FederationBundles()
  private let headers = HeaderMemory()
  let handedOver = HandedOverRefusals()
  let refusals: RefusalLog
  /// Calls that were not looked at because too many tokens of their address were refused.
  let unheard = Atomic<UInt64>(0)
  let waitingCalls = Atomic<Int>(0)

  /// Makes an authenticator that fetches keys with `client`.
  public init(client: any HTTPSending, settings: AuthenticatorSettings = AuthenticatorSettings(), log: Log) {
    self.settings = settings
    tokens = VerifiedTokenCache(maximumBytes: settings.verifiedTokenBytes)
    let issuers = IssuerClient(client: client, timeoutSeconds: settings.fetchTimeoutSeconds)
    keySets = KeySetCache(issuers: issuers, settings: settings, log: log)
    refusals = RefusalLog(log: log, clock: settings.monotonicClock)
  }

  /// Verifies the call's bearer token under `trust`, or takes the identity that its connection is bound to when the
  /// call has no `authorization`. `caCertificates` is the caller's PEM bundle, empty when it sent none; it only ever
  /// serves to reach the federations that Authorizations for the token's issuer name.
  ///
  /// Each call whose token or SVID is refused takes one of `failures`. When none is left, tokens that are not known are
  /// not looked at.
  ///
  /// Pending only when keys have to be fetched.
  public func verify(
    _ call: CallContext, caCertificates: [UInt8], trust: Trust, failures: SharedBudget? = nil
  ) -> Reply<VerifiedIdentity> {
    notice(trust)
    guard let authorization = call.authorization else { return boundIdentity(call, trust, failures) }
    // Of two proofs, a proxy or a program in the caller's way may have meant the other. It counts as no failure: a peer
    // that has proved itself guesses no tokens here.
    if call.binding?.isProvedByPeer ?? false {
      return .ready(.failure(refuse("a token came beside the connection's SVID", call)))
    }
    do throws(Refusal) {
      let token = try Self.bearerToken(authorization)
      let now = settings.wallClock()
      let key = TokenDigest(
        token: token.utf8.span.bytes, caCertificates: caCertificates.span.bytes, context: SHA256Context())
      let known = tokens.identity(
        key, generation: trust.generation, wallSeconds: now, now: settings.monotonicClock())
      if let known {
        if case .good = check(known, effort: .cachedOnly, token: token) { return .ready(.success(known)) }
        tokens.remove(key)
      }
      if let reason = handedOver.take(key, generation: trust.generation) { throw Refusal(reason) }
      if let error = whyNotHeard(failures, peer: call.peer) { return .ready(.failure(error)) }
      let attempt = try makeAttempt(token, caCertificates, trust, now: now)
      let verified = proceed(attempt, key, trust.generation, call)
      guard let failures else { return verified }
      return verified.noting { if case .failure(.unauthenticated) = $0 { self.noteFailure(failures) } }
    } catch {
      if let failures { noteFailure(failures) }
      return .ready(.failure(refuse(error.reason, call)))
    }
  }

  func noteFailure(_ failures: SharedBudget) { _ = failures.take(at: settings.monotonicClock()) }

  /// What a token that is not known is answered unlooked at; nil when it may be verified.
  private func whyNotHeard(_ failures: SharedBudget?, peer: String) -> RPCError? {
    guard let seconds = failures?.secondsUntilNext(at: settings.monotonicClock()), seconds > 0 else { return nil }
    unheard.add(1, ordering: .relaxed)
    let refusal = RPCError(
      .resourceExhausted, "too many tokens from this address were refused; wait before you present another",
      retryAfterSeconds: seconds)
    refusals.unheard(refusal, peer: peer)
    return refusal
  }

  /// Verifies a token that is not known when that takes no more than keys that are here; nil for every other end of it.
  func verifyAtOnce(_ token: String, _ caCertificates: [UInt8], key: TokenDigest, _ trust: Trust) -> KnownIdentity? {
    notice(trust)
    let now = settings.wallClock()
    // Known for a while only: the other way answers from that, and would not take a refusal.
    let isKnown =
      tokens.identity(key, generation: trust.generation, wallSeconds: now, now: settings.monotonicClock()) != nil
    if isKnown { return nil }
    do throws(Refusal) {
      var attempt = try makeAttempt(token, caCertificates, trust, now: now)
      switch attempt.advance(keySets) {
      case .verified(let known, let isFinal):
        tokens.insert(known, isFinal: isFinal, for: key, generation: trust.generation, now: settings.monotonicClock())
        return isFinal ? known : nil
      case .refused(let reason): throw Refusal(reason)
      case .wait, .busy: return nil
      }
    } catch {
      handedOver.put(error.reason, key, generation: trust.generation)
      return nil
    }
  }

  private func makeAttempt(
    _ token: String, _ caCertificates: [UInt8], _ trust: Trust, now: Int64
  ) throws(Refusal) -> TokenAttempt {
    try TokenAttempt(
      token: token, caCertificates: caCertificates, trust: trust, bundles: bundles, headers: headers, now: now)
  }

  func notice(_ trust: Trust) {
    guard history.observe(trust) else { return }
    keySets.keepOnly(trust.federations)
    bundles.keepOnly(trust.federations)
  }

  private func proceed(
    _ attempt: TokenAttempt, _ key: TokenDigest, _ generation: UInt64, _ call: CallContext
  ) -> Reply<VerifiedIdentity> {
    var attempt = attempt
    let step = attempt.advance(keySets)
    if case .wait(let flights) = step {
      let begun = attempt
      return .pending { [self] in await finish(begun, waitingFor: flights, key, generation, call) }
    }
    return .ready(conclude(step, key, generation, call))
  }

  private func finish(
    _ begun: TokenAttempt, waitingFor first: [KeySetFlight], _ key: TokenDigest, _ generation: UInt64,
    _ call: CallContext
  ) async -> Result<VerifiedIdentity, RPCError> {
    defer { waitingCalls.subtract(1, ordering: .relaxed) }
    guard waitingCalls.add(1, ordering: .relaxed).newValue <= settings.maximumWaitingCalls else {
      return .failure(.tooManyWait)
    }
    var attempt = begun
    var flights = first
    while true {
      for flight in flights {
        await flight.wait()
        if Task.isCancelled { return .failure(givenUp(call)) }
      }
      let step = attempt.advance(keySets)
      guard case .wait(let more) = step else { return conclude(step, key, generation, call) }
      flights = more
    }
  }

  private func conclude(
    _ step: TokenAttempt.Step, _ key: TokenDigest, _ generation: UInt64, _ call: CallContext
  ) -> Result<VerifiedIdentity, RPCError> {
    switch step {
    case .verified(let known, let isFinal):
      tokens.insert(known, isFinal: isFinal, for: key, generation: generation, now: settings.monotonicClock())
      return .success(known.identity)
    case .refused(let reason):
      return .failure(refuse(reason, call))
    case .busy, .wait:
      return .failure(.tooManyFetches)
    }
  }

  private static func bearerToken(_ authorization: String) throws(Refusal) -> String {
    let prefix = "Bearer "
    guard authorization.utf8.starts(with: prefix.utf8) else { throw Refusal("the authorization is no bearer token") }
    let token = String(Substring(authorization.utf8.dropFirst(prefix.utf8.count)))
    guard !token.isEmpty else { throw Refusal("the bearer token is empty") }
    guard token.utf8.count <= Limits.token else { throw Refusal("the bearer token is too long") }
    return token
  }

  func refuse(_ reason: String, _ call: CallContext) -> RPCError {
    refusals.refused(reason, peer: call.peer)
    return .unauthenticated
  }

  func givenUp(_ call: CallContext) -> RPCError {
    if let deadline = call.deadline, settings.monotonicClock() >= deadline {
      return RPCError(.deadlineExceeded, "the deadline passed while the issuer's keys were fetched")
    }
    return RPCError(.cancelled, "the call was given up while the issuer's keys were fetched")
  }
}

extension Reply {
  /// The same reply, whose result `note` sees when it is there.
  fileprivate func noting(_ note: @escaping @Sendable (Result<Value, RPCError>) -> Void) -> Reply {
    switch self {
    case .ready(let result):
      note(result)
      return self
    case .pending(let work):
      return .pending {
        let result = await work()
        note(result)
        return result
      }
    }
  }
}
