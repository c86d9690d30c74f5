import FederationAPI
import Identity

/// Finds out for which workload a caller acts: what its `x-workload-token` names.
struct CallerAttribution: Sendable {
  let authenticator: Authenticator
  let snapshot: ServiceSnapshot
  let caCertificates: [UInt8]
  /// Of the address that the call came from.
  let failures: SharedBudget?

  /// The caller of `call`, whose `identity` is proved.
  ///
  /// A workload token is verified like any other when an Authorization names its issuer. One of another issuer is
  /// believed only where the caller's own proof names no workload, as Okta's and PingOne's do; else both must agree.
  func caller(_ identity: VerifiedIdentity, _ call: CallContext) -> Reply<VerifiedCaller> {
    guard let token = call.workloadToken else { return .ready(.success(VerifiedCaller(identity))) }
    let claimed: WorkloadToken
    do throws(RPCError) {
      claimed = try WorkloadToken(parsing: token)
    } catch {
      return .ready(.failure(error))
    }
    if claimed.workload == identity.kubernetes { return .ready(.success(VerifiedCaller(identity))) }
    guard let issuer = claimed.issuer, !snapshot.policy.federations(issuer: issuer).isEmpty else {
      guard identity.kubernetes == nil else { return .ready(.failure(.foreignWorkload)) }
      return .ready(.success(VerifiedCaller(identity, workload: claimed.workload)))
    }
    return verified(token, identity, call)
  }

  private func verified(_ token: String, _ identity: VerifiedIdentity, _ call: CallContext) -> Reply<VerifiedCaller> {
    var inner = call
    inner.authorization = "Bearer \(token)"
    inner.workloadToken = nil
    inner.binding = nil
    let reply = authenticator.verify(
      inner, caCertificates: caCertificates, trust: snapshot.trust, failures: failures)
    return reply.recover { error in
      error.code == .unauthenticated ? .unverifiedWorkload : error
    }.then { workload in
      .ready(.success(VerifiedCaller(identity, workload: workload.kubernetes)))
    }
  }
}

extension RPCError {
  fileprivate static let foreignWorkload = RPCError(
    .invalidArgument, "invalid x-workload-token: it names another workload than the caller's own token does")
  fileprivate static let unverifiedWorkload = RPCError(
    .invalidArgument, "invalid x-workload-token: it does not verify")
}

extension Reply {
  /// The same reply with its error replaced, now or when it is there.
  fileprivate func recover(_ replace: @escaping @Sendable (RPCError) -> RPCError) -> Reply {
    switch self {
    case .ready(let result): .ready(result.mapError(replace))
    case .pending(let work): .pending { await work().mapError(replace) }
    }
  }
}
