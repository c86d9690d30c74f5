import FederationAPI
import Identity
import Logging
import SecretStores
import Synchronization

/// The handlers behind every wire: who is calling, may they, what do they get.
public final class FederationHandlers: FederationService {
  private let current: Mutex<ServiceSnapshot>
  private let published: Atomic<UInt64>
  private let authenticator: Authenticator
  private let pendingCalls: PendingCallLimit
  private let log: Log

  /// Answers from `snapshot` until ``replace(_:)``. At most `maximumPendingCalls` wait for a backend at once.
  public init(
    snapshot: ServiceSnapshot, authenticator: Authenticator, maximumPendingCalls: Int = 4_096, log: Log
  ) {
    current = Mutex(snapshot)
    published = Atomic(snapshot.generation)
    self.authenticator = authenticator
    pendingCalls = PendingCallLimit(maximumPendingCalls)
    self.log = log
  }

  /// Answers requests that start from now on from `snapshot`; running ones keep theirs.
  public func replace(_ snapshot: ServiceSnapshot) {
    current.withLock { $0 = snapshot }
    published.store(snapshot.generation, ordering: .releasing)
  }

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
    pendingCalls.bound(verify(call, caCertificates, current.withLock { $0 }))
  }

  /// Verifies the call's credentials and binds them to the connection where there is a binding.
  public func authenticate(_ request: AuthenticateRequest, _ call: CallContext) -> Reply<VerifiedIdentity> {
    verify(call, caCertificates: request.caCertificates).then { identity in
      call.binding?.bind(identity)
      return .ready(.success(identity))
    }
  }

  /// Fetches one secret value.
  public func getSecret(_ request: GetSecretRequest, _ call: CallContext) -> Reply<SecretBytes> {
    let snapshot = current.withLock { $0 }
    let reply = verify(call, request.caCertificates, snapshot).then { identity in
      self.read(request, for: identity, call, snapshot)
    }
    return pendingCalls.bound(reply)
  }

  private func verify(
    _ call: CallContext, _ caCertificates: [UInt8], _ snapshot: ServiceSnapshot
  ) -> Reply<VerifiedIdentity> {
    let reply = authenticator.verify(call, caCertificates: caCertificates, trust: snapshot.trust)
    guard let workloadToken = call.workloadToken else { return reply }
    // Checked after the caller is known (docs/PROTOCOL.md, "Requests and answers"), so that nobody else can probe the parser.
    return reply.then { identity in
      do throws(RPCError) {
        _ = try WorkloadToken.parse(workloadToken)
        return .ready(.success(identity))
      } catch {
        return .ready(.failure(error))
      }
    }
  }

  private func read(
    _ request: GetSecretRequest, for identity: VerifiedIdentity, _ call: CallContext, _ snapshot: ServiceSnapshot
  ) -> Reply<SecretBytes> {
    if let error = FederationHandlers.problem(in: request) { return .ready(.failure(error)) }
    guard snapshot.policy.allows(identity, store: request.store) else {
      log.write(
        .info, "secret_denied",
        [
          "subject": identity.subject, "issuer": identity.provider, "store": request.store, "name": request.name,
          "peer": call.peer,
        ])
      return .ready(.failure(.notAuthorized))
    }
    guard let store = snapshot.stores[request.store] else {
      let reason =
        "store \"\(request.store)\" is not configured on this server; ask its operator for a ClusterSecretStore"
      return .ready(.failure(RPCError(.failedPrecondition, reason)))
    }
    log.write(
      .debug, "secret_read",
      ["subject": identity.subject, "store": request.store, "name": request.name, "peer": call.peer])
    return store.read(SecretReference(store: request.store, key: request.name))
  }

  private static func problem(in request: GetSecretRequest) -> RPCError? {
    if request.store.isEmpty { return RPCError(.invalidArgument, "store is required") }
    if request.name.isEmpty { return RPCError(.invalidArgument, "name is required") }
    if request.store.utf8.count > Limits.storeName {
      return RPCError(.invalidArgument, "store is longer than \(Limits.storeName) bytes")
    }
    if request.name.utf8.count > Limits.secretName {
      return RPCError(.invalidArgument, "name is longer than \(Limits.secretName) bytes")
    }
    return nil
  }
}
