import FederationAPI
import Identity
import Ledger
import Logging
import SecretStores
import Synchronization

/// The handlers behind every wire: who is calling, may they, what do they get.
public final class FederationHandlers: FederationService {
  private let current: Mutex<ServiceSnapshot>
  private let published: Atomic<UInt64>
  private let epochs = Atomic<UInt64>(1)
  let authenticator: Authenticator
  let issuance: Issuance?
  private let pendingCalls: PendingCallLimit
  /// What each caller may still ask.
  let callerBudgets: CallerBudgets
  /// For what calls for several secrets have read.
  let valueRoom: ByteRoom
  /// For the requests of calls that wait.
  private let requestRoom: ByteRoom
  let refused = RefusedCalls()
  /// All that is watched.
  let hub: WatchHub
  let log: Log
  let lines: CallerLines

  /// Answers from `snapshot` until ``replace(_:)``. Without `issuance` nothing is generated, and what is read is not
  /// recorded. At most `maximumPendingCalls` wait for a backend at once, whose requests have at most `maximumRequestBytes`,
  /// those for several secrets with values of at most `maximumHeldBytes`, and no caller may ask for more than `limits`.
  public init(
    snapshot: ServiceSnapshot, authenticator: Authenticator, issuance: Issuance? = nil,
    maximumPendingCalls: Int = 4_096, maximumHeldBytes: Int = 256 * 1_048_576,
    maximumRequestBytes: Int = 256 * 1_048_576, limits: CallLimits = CallLimits(),
    watching: WatchSettings = WatchSettings(), log: Log
  ) {
    current = Mutex(snapshot)
    published = Atomic(snapshot.generation)
    self.authenticator = authenticator
    self.issuance = issuance
    pendingCalls = PendingCallLimit(maximumPendingCalls, refused: refused.waiting)
    valueRoom = ByteRoom(bytes: maximumHeldBytes)
    requestRoom = ByteRoom(bytes: maximumRequestBytes)
    callerBudgets = CallerBudgets(limits, refused: refused)
    hub = WatchHub(snapshot: snapshot, settings: watching, tag: .random(in: 0...UInt64.max))
    self.log = log
    lines = CallerLines(log: log) { authenticator.monotonicTime }
    authenticator.whenKeysAreWithdrawn { [weak self] in self?.noticeWithdrawal() }
  }

  /// Answers requests that start from now on from `snapshot`; running ones keep theirs.
  public func replace(_ snapshot: ServiceSnapshot) {
    current.withLock { $0 = snapshot }
    published.store(snapshot.generation, ordering: .releasing)
    epochs.add(1, ordering: .releasing)
    hub.replace(snapshot)
  }

  /// Has everybody who is remembered looked at again: an issuer has withdrawn a key.
  private func noticeWithdrawal() {
    epochs.add(1, ordering: .releasing)
    hub.wakeAll()
  }

  /// Never 0, and another whenever who calls or what they may have may be another than before: with each snapshot, and
  /// with each key that an issuer withdraws.
  var epoch: UInt64 { epochs.load(ordering: .acquiring) }

  /// The generation that new requests are answered from.
  public var generation: UInt64 { published.load(ordering: .acquiring) }

  /// What new requests are answered from.
  var snapshot: ServiceSnapshot { current.withLock { $0 } }

  /// Answers from memory, one for each event loop; none while every read is to be logged.
  public func makeImmediateAnswers() -> (any ImmediateAnswers)? {
    log.writes(.debug) ? nil : LoopAnswers(handlers: self, authenticator: authenticator)
  }

  /// Verifies the call's credentials.
  public func verify(_ call: CallContext, caCertificates: [UInt8]) -> Reply<VerifiedIdentity> {
    answer(call, caCertificates) { caller, _ in .ready(.success(caller.identity)) }
  }

  /// Verifies the call's credentials and binds them to the connection where there is a binding.
  public func authenticate(_ request: AuthenticateRequest, _ call: CallContext) -> Reply<VerifiedIdentity> {
    verify(call, caCertificates: request.caCertificates).then { identity in
      call.binding?.bind(identity)
      return .ready(.success(identity))
    }
  }

  /// Whom the certificates (DER, leaf first) of a peer that connects prove it to be now, to be its connection's identity.
  public func identity(ofPeer certificates: [[UInt8]]) throws(SVIDRefusal) -> ConnectionIdentity {
    do throws(SVIDRefusal) {
      let identity = try authenticator.identity(ofPeer: certificates, trust: snapshot.trust)
      return ConnectionIdentity(certificates: certificates, identity: identity)
    } catch {
      refused.peers.add()
      throw error
    }
  }

  /// Fetches one secret value.
  public func getSecret(_ request: GetSecretRequest, _ call: CallContext) -> Reply<SecretBytes> {
    answer(call, request.caCertificates, holding: request.store.utf8.count + request.name.utf8.count) {
      caller, snapshot in self.read(request, for: caller, call, snapshot)
    }
  }

  /// Answers one call by `body`, which is asked once it is known who calls, under one snapshot from start to end. `bytes` is
  /// what the request holds beside its credentials, of which strangers, too, may send much.
  ///
  /// The workload token is looked at after the caller is known (docs/PROTOCOL.md, "Requests and answers"), so that nobody
  /// else can probe the parser.
  func answer<Value>(
    _ call: CallContext, _ caCertificates: [UInt8], holding bytes: @autoclosure () -> Int = 0,
    _ body: @escaping @Sendable (VerifiedCaller, ServiceSnapshot) -> Reply<Value>
  ) -> Reply<Value> {
    let snapshot = snapshot
    let address = callerBudgets.budget(ofPeer: call.peer)
    if let refusal = address.refusal(at: authenticator.monotonicTime) {
      return .ready(.failure(limited(refusal, nil, call)))
    }
    let attribution = CallerAttribution(
      authenticator: authenticator, snapshot: snapshot, caCertificates: caCertificates, failures: address.failures)
    let reply = authenticator.verify(
      call, caCertificates: caCertificates, trust: snapshot.trust, failures: address.failures
    ).then { identity -> Reply<Value> in
      let budget = self.callerBudgets.budget(of: identity)
      if let refusal = budget.refusal(at: self.authenticator.monotonicTime) {
        return .ready(.failure(self.limited(refusal, identity, call)))
      }
      return self.bound(attribution.caller(identity, call).then { body($0, snapshot) }, by: budget, identity, call)
    }
    return requestRoom.bound(pendingCalls.bound(bound(reply, by: address, nil, call)), of: address) {
      let credentials = (call.authorization?.utf8.count ?? 0) + (call.workloadToken?.utf8.count ?? 0)
      return bytes() + caCertificates.count + credentials
    }
  }

  /// Counts `reply` while it waits in `budget`, that of `identity`, or of the address for none. Logs when it may not wait.
  private func bound<Value>(
    _ reply: Reply<Value>, by budget: CallerBudget, _ identity: VerifiedIdentity?, _ call: CallContext
  ) -> Reply<Value> {
    guard case .pending = reply else { return reply }
    let limit = identity == nil ? "waiting-per-address" : "waiting-per-identity"
    return budget.bound(reply) { [lines] in lines.callLimited(limit, $0, identity, peer: call.peer) }
  }

  /// Logs that a limit refuses a call.
  private func limited(_ refusal: RPCError, _ identity: VerifiedIdentity?, _ call: CallContext) -> RPCError {
    (identity == nil ? refused.requestsOfAddress : refused.requestsOfIdentity).add()
    let limit = identity == nil ? "requests-per-address" : "requests-per-identity"
    lines.callLimited(limit, refusal, identity, peer: call.peer)
    return refusal
  }

  /// Fetches several secrets. Off the event loop whatever the stores are: a thousand values take their time.
  public func batchGetSecrets(
    _ request: BatchGetSecretsRequest, _ call: CallContext
  ) -> Reply<[Result<SecretBytes, RPCError>]> {
    answer(call, request.caCertificates, holding: request.secrets.textBytes) {
      caller, snapshot in
      guard request.secrets.count <= Limits.batchedSecrets else {
        let message = "secrets has \(request.secrets.count) references, at most \(Limits.batchedSecrets)"
        return .ready(.failure(RPCError(.invalidArgument, message)))
      }
      let reading = self.reading(for: caller, call, snapshot)
      return .pending { await SecretBatch(request.secrets, reading, self.valueRoom).results() }
    }
  }

  private func read(
    _ request: GetSecretRequest, for caller: VerifiedCaller, _ call: CallContext, _ snapshot: ServiceSnapshot
  ) -> Reply<SecretBytes> {
    let reference = SecretReference(store: request.store, key: request.name)
    if let error = StoreReading.problem(in: reference) { return .ready(.failure(error)) }
    let reading = reading(for: caller, call, snapshot)
    switch reading.grant(of: request.store) {
    case .failure(let error):
      if error.code == .permissionDenied {
        reading.logDenied(reference)
        reading.journalDenied(reference)
      }
      return .ready(.failure(error))
    case .success(let granted):
      let reply = reading.read(reference, from: granted)
      guard issuance != nil else { return reply }
      return reply.then { value in
        reading.journalRead(reference, granted.federations)
        return .ready(.success(value))
      }
    }
  }

  func reading(for caller: VerifiedCaller, _ call: CallContext, _ snapshot: ServiceSnapshot) -> StoreReading {
    StoreReading(
      caller: caller, peer: call.peer, freshness: call.freshness, snapshot: snapshot, issuance: issuance,
      lines: lines)
  }
}

extension Limits {
  /// What is wrong with a name that a caller gave in `field`, nil when it can be used.
  static func problem(_ field: String, _ name: String, atMost limit: Int) -> RPCError? {
    if name.isEmpty { return RPCError(.invalidArgument, "\(field) is required") }
    guard name.utf8.count > limit else { return nil }
    return RPCError(.invalidArgument, "\(field) is longer than \(limit) bytes")
  }
}
