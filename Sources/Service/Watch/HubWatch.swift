import FederationAPI
import Identity
import Synchronization

/// One caller's watch: who it is, as long as that holds, and what it is sent.
final class HubWatch: SecretWatch {
  /// What comes of a verification that had to wait.
  private typealias Verified = Result<VerifiedCaller, RPCError>

  private enum Phase {
    /// Nothing was asked yet.
    case new
    /// It is not known yet who asks.
    case verifying(WatchSecretsRequest)
    case running(Running)
    case over(RPCError)
  }

  private struct Running {
    let watch: UInt64
    /// The largest that was sent, or that the watch resumes after.
    var revision: UInt64
    var caller: VerifiedCaller
    var grants: WatchGrants
    /// That of the handlers when it was looked at last who asks and what may be read; 0 for never.
    var epoch: UInt64
    /// What is still to be told of secrets that may not be read, last first.
    var denied: [UInt32]
  }

  private let handlers: FederationHandlers
  private var call: CallContext
  private let wake: @Sendable () -> Void
  private var phase = Phase.new
  private var task: Task<Void, Never>?
  private let arrival = Arrival()

  /// Where a verification leaves its outcome for the loop.
  private final class Arrival: Sendable {
    let outcome = Mutex<Result<VerifiedCaller, RPCError>?>(nil)
  }

  init(_ handlers: FederationHandlers, _ call: CallContext, wake: @escaping @Sendable () -> Void) {
    self.handlers = handlers
    self.call = call
    self.wake = wake
  }

  func received(_ request: WatchSecretsRequest) throws(RPCError) {
    settle()
    switch phase {
    case .new:
      guard request.token.isEmpty else { throw RPCError(.invalidArgument, "token belongs to later messages only") }
      phase = .verifying(request)
      verify(call, request)
    case .verifying: throw .notSettled
    case .running:
      guard request.secrets.isEmpty, request.afterRevision == 0 else {
        throw RPCError(.invalidArgument, "a later message renews the identity and names no secrets")
      }
      guard let token = String(validating: request.token, as: UTF8.self), !token.isEmpty else {
        throw RPCError(.invalidArgument, "token is required")
      }
      guard task == nil else { throw .notSettled }
      var renewing = call
      renewing.authorization = "Bearer \(token)"
      // Whom the watch acts for was settled at its start.
      renewing.workloadToken = nil
      // A peer that proved itself is not renewed by a token: with its binding that is refused.
      if !(call.binding?.isProvedByPeer ?? false) { renewing.binding = nil }
      verify(renewing, request)
    case .over: break
    }
    settle()
  }

  func inputEnded() throws(RPCError) {
    if case .new = phase { throw RPCError(.invalidArgument, "a watch begins with a message that names its secrets") }
  }

  func next() -> WatchStep {
    settle()
    guard case .running(var running) = phase else {
      if case .over(let error) = phase { return .end(error) }
      return .wait
    }
    let step = next(&running)
    phase = .running(running)
    if case .end(let error) = step { end(error) }
    return step
  }

  func drain() { end(RPCError(.unavailable, "server is shutting down; resume on another connection")) }

  func close() {
    end(RPCError(.cancelled, "the caller went away"))
    task?.cancel()
    task = nil
  }

  // MARK: Who

  private func verify(_ call: CallContext, _ request: WatchSecretsRequest) {
    let reply = handlers.answer(
      call, request.caCertificates, holding: request.secrets.textBytes
    ) { caller, _ in .ready(.success(caller)) }
    switch reply {
    case .ready(let outcome): arrival.outcome.withLock { $0 = outcome }
    case .pending(let work):
      let (arrival, wake) = (arrival, wake)
      task = Task {
        let outcome = await work()
        arrival.outcome.withLock { $0 = outcome }
        wake()
      }
    }
  }

  /// Takes up a verification that has come to its end.
  private func settle() {
    guard let outcome = arrival.outcome.withLock({ $0.take() }) else { return }
    task = nil
    do throws(RPCError) {
      let caller = try outcome.get()
      switch phase {
      case .verifying(let request): phase = .running(try begin(request, caller))
      case .running(var running):
        try renew(&running, caller)
        phase = .running(running)
      case .new, .over: break
      }
    } catch {
      end(error)
    }
  }

  private func begin(_ request: WatchSecretsRequest, _ caller: VerifiedCaller) throws(RPCError) -> Running {
    guard !request.secrets.isEmpty, request.secrets.count <= Limits.watchedSecrets else {
      throw RPCError(
        .invalidArgument,
        "secrets has \(request.secrets.count) references, and 1 to \(Limits.watchedSecrets) are watched")
    }
    for (index, reference) in request.secrets.enumerated() {
      if let problem = StoreReading.problem(in: reference) {
        throw RPCError(problem.code, "secrets[\(index)]: \(problem.message)")
      }
    }
    // Tokens are long, and no longer needed: what they proved is known, and a renewal brings its own.
    call.authorization = nil
    call.workloadToken = nil
    let snapshot = handlers.snapshot
    var grants = WatchGrants(request.secrets)
    let granted = grants.update(for: caller.identity, snapshot).granted
    noteDenied(grants.denied, grants, caller, snapshot)
    guard !grants.isEmpty else { throw .notAuthorized }
    let (watch, after) = try handlers.hub.join(
      request.secrets, by: caller.identity.shareName, after: request.afterRevision,
      expiresAtSeconds: caller.identity.expiresAtSeconds, wake: wake)
    handlers.hub.subscribe(watch, granted.map { ($0, request.secrets[Int($0)]) })
    return Running(
      watch: watch, revision: after, caller: caller, grants: grants,
      // None: the identity may have been verified under an older snapshot, so it is looked at once more.
      epoch: 0,
      denied: grants.denied.reversed())
  }

  private func renew(_ running: inout Running, _ caller: VerifiedCaller) throws(RPCError) {
    let (old, new) = (running.caller.identity, caller.identity)
    // By bytes: Swift takes two spellings of one character for the same.
    guard old.method == new.method, old.provider.utf8.elementsEqual(new.provider.utf8),
      old.subject.utf8.elementsEqual(new.subject.utf8)
    else { throw .unauthenticated }
    running.caller = VerifiedCaller(new, workload: running.caller.workload)
    // The new token's federations may grant other stores.
    running.epoch = 0
    noteEnd(running)
  }

  // MARK: What

  private func next(_ running: inout Running) -> WatchStep {
    guard
      !Authenticator.isOver(running.caller.identity.expiresAtSeconds, wallSeconds: handlers.authenticator.wallSeconds)
    else { return .end(.unauthenticated) }
    if isOutdated(running), let error = lookAgain(&running) { return .end(error) }
    if let index = running.denied.popLast() {
      let told = WatchSecretsEvent.Kind.error(.notAuthorized)
      return .event(WatchSecretsEvent(secret: index, revision: running.revision, kind: told))
    }
    guard let taken = handlers.hub.next(running.watch) else { return .wait }
    // It may be of a snapshot that came while it was taken, and that grants something else.
    if isOutdated(running), let error = lookAgain(&running) { return .end(error) }
    guard let event = event(taken, running) else { return next(&running) }
    running.revision = event.revision
    return .event(event)
  }

  /// What the caller is sent of `taken`; nil when it may not be.
  private func event(_ taken: WatchHub.Event, _ running: Running) -> WatchSecretsEvent? {
    switch taken {
    case .heartbeat(let revision): return WatchSecretsEvent(secret: 0, revision: revision, kind: .heartbeat)
    case .outcome(let index, let revision, let outcome, let staleSeconds):
      let federations = running.grants.federations[Int(index)]
      guard !federations.isEmpty else { return nil }
      switch outcome {
      case .failure(let error): return WatchSecretsEvent(secret: index, revision: revision, kind: .error(error))
      case .success(let value):
        // A value handed out is a read like GetSecret's.
        if handlers.issuance != nil {
          reading(running.caller, handlers.snapshot).journalRead(running.grants.references[Int(index)], federations)
        }
        return WatchSecretsEvent(
          secret: index, revision: revision, kind: .value(value), staleSeconds: staleSeconds)
      }
    }
  }

  private func isOutdated(_ running: Running) -> Bool {
    running.epoch != handlers.epoch
      || handlers.authenticator.monotonicTime >= Authenticator.goodUntil(running.caller.identity)
  }

  /// Lets the hub wake the watch when its identity ends or has to be looked at.
  private func noteEnd(_ running: Running) {
    let identity = running.caller.identity
    handlers.hub.renew(
      running.watch, expiresAtSeconds: identity.expiresAtSeconds, lookAt: Authenticator.goodUntil(identity))
  }

  /// Looks under a new snapshot, or once keys may be withdrawn, whether the caller is still who it was and may still read
  /// what it read.
  private func lookAgain(_ running: inout Running) -> RPCError? {
    // Before the snapshot: what comes in between is looked at once more, never missed.
    let epoch = handlers.epoch
    let snapshot = handlers.snapshot
    guard
      let identity = handlers.authenticator.current(
        running.caller.identity, of: call.binding, trust: snapshot.trust)
    else { return .unauthenticated }
    if identity != running.caller.identity {
      running.caller = VerifiedCaller(identity, workload: running.caller.workload)
    }
    noteEnd(running)
    let change = running.grants.update(for: running.caller.identity, snapshot)
    noteDenied(change.revoked, running.grants, running.caller, snapshot)
    guard !running.grants.isEmpty else { return .notAuthorized }
    running.epoch = epoch
    running.denied.removeAll { !running.grants.federations[Int($0)].isEmpty }
    // The caller goes on with what it may still read, and is told of the rest before anything else is sent.
    running.denied += change.revoked.reversed()
    handlers.hub.unsubscribe(running.watch, change.revoked)
    handlers.hub.subscribe(
      running.watch, change.granted.map { ($0, running.grants.references[Int($0)]) }, isLate: true)
    return nil
  }

  private func noteDenied(
    _ denied: [UInt32], _ grants: WatchGrants, _ caller: VerifiedCaller, _ snapshot: ServiceSnapshot
  ) {
    guard !denied.isEmpty else { return }
    let reading = reading(caller, snapshot)
    var logged: Set<StoreName> = []
    for index in denied {
      let reference = grants.references[Int(index)]
      if logged.insert(StoreName(reference.store)).inserted { reading.logDenied(reference) }
      reading.journalDenied(reference)
    }
  }

  private func reading(_ caller: VerifiedCaller, _ snapshot: ServiceSnapshot) -> StoreReading {
    handlers.reading(for: caller, call, snapshot)
  }

  private func end(_ error: RPCError) {
    if case .running(let running) = phase { handlers.hub.leave(running.watch) }
    if case .over = phase { return }
    phase = .over(error)
  }
}

extension RPCError {
  fileprivate static let notSettled = RPCError(
    .resourceExhausted, "the message before is still being verified; wait before sending another")
}
