import FederationAPI

extension FederationClient {
  /// Has `generator` on the server make a credential; gives its values by output key, such as `username`.
  ///
  /// Each success issues one more credential, which ends with its lease or by ``revokeSelf(_:)``. So this is tried again
  /// only where no credential can have been made: when no connection could be opened, and when the server itself
  /// answered UNAVAILABLE or that it is to be asked later. When the answer was lost the call ends with UNKNOWN or DEADLINE_EXCEEDED and a text that says
  /// that a credential may have been issued.
  ///
  /// Throws UNAUTHENTICATED when the server does not accept the token, PERMISSION_DENIED when no Authorization grants
  /// the generator, UNIMPLEMENTED when the server has none, INVALID_ARGUMENT or FAILED_PRECONDITION for what the generator
  /// refuses, INTERNAL for an answer that cannot be read, and what ``secret(store:name:)`` throws for the connection.
  public func generate(_ generator: GeneratorReference) async throws(RPCError) -> [String: SecretBytes] {
    try await issuing { (wire, credentials, deadline) throws(GenerateFailure) in
      try await wire.generate(generator, credentials, deadline: deadline)
    }
  }

  /// Takes back what `generator` made for this caller's own workload; succeeds when there was nothing.
  ///
  /// Throws as ``generate(_:)`` does, but for the lost answer: revoking twice does no harm, so UNAVAILABLE is tried
  /// again as for a fetch.
  public func revokeSelf(_ generator: GeneratorReference) async throws(RPCError) {
    try await repeating { (wire, credentials, deadline) throws(RPCError) in
      try await wire.revokeSelf(generator, credentials, deadline: deadline)
    }
  }

  /// Takes back every credential of `owner`, an owner's label on the server, in `namespace` and no other; succeeds when
  /// there was nothing.
  ///
  /// Throws PERMISSION_DENIED when no Authorization grants the namespace's generator states, INVALID_ARGUMENT for an
  /// empty owner, and else as ``revokeSelf(_:)``.
  public func revokeCredentials(namespace: String, owner: String) async throws(RPCError) {
    try await repeating { (wire, credentials, deadline) throws(RPCError) in
      try await wire.revokeCredentials(namespace: namespace, owner: owner, credentials, deadline: deadline)
    }
  }

  /// Makes a call that may issue a credential: again only where none can have been made.
  func issuing<Answer>(
    _ call: (any FederationWire, CallCredentials, MonotonicTime) async throws(GenerateFailure) -> Answer
  ) async throws(RPCError) -> Answer {
    var retry = retrySchedule()
    var mayRenew = true
    while true {
      do throws(GenerateFailure) {
        let (wire, credentials) = try await readyToIssue(deadline: retry.deadline)
        do throws(GenerateFailure) {
          return try await call(wire, credentials, retry.deadline)
        } catch {
          // Who is not known is issued nothing.
          let isRefused = error.error.code == .unauthenticated && !error.mayHaveIssued
          guard isRefused, mayRenew, await forgetToken(of: credentials) else { throw error }
          mayRenew = false
        }
      } catch {
        guard error.isRepeatable else { throw error.told }
        if error.error.code == .unavailable { await forgetConnection() }
        guard await retry.wait(advice: error.error.retryAfterSeconds) else { throw error.told }
      }
    }
  }

  private func readyToIssue(
    deadline: MonotonicTime
  ) async throws(GenerateFailure) -> (any FederationWire, CallCredentials) {
    do throws(RPCError) {
      return try await ready(deadline: deadline)
    } catch {
      throw GenerateFailure(error, mayHaveIssued: false)
    }
  }
}
