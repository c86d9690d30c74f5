import FederationAPI
import Generators
import Identity
import Ledger

extension FederationHandlers {
  /// Makes a credential for the caller.
  public func generate(_ request: GenerateRequest, _ call: CallContext) -> Reply<[String: SecretBytes]> {
    answer(call, request.caCertificates, holding: request.generator.textBytes) { caller, snapshot in
      self.generate(request.generator, for: caller, call, snapshot)
    }
  }

  /// Takes back what a generator made for the caller's own workload.
  public func revokeSelf(_ request: RevokeSelfRequest, _ call: CallContext) -> Reply<Void> {
    answer(call, request.caCertificates, holding: request.generator.textBytes) { caller, snapshot in
      self.revokeSelf(request.generator, for: caller, call, snapshot)
    }
  }

  /// Takes back every credential of an owner in one namespace.
  public func revokeCredentials(_ request: RevokeCredentialsRequest, _ call: CallContext) -> Reply<Void> {
    answer(call, request.caCertificates, holding: request.namespace.utf8.count + request.owner.utf8.count) {
      caller, snapshot in
      self.revokeCredentials(request, for: caller, call, snapshot)
    }
  }

  /// Checks what the caller may have; what is pending then issues.
  func generate(
    _ generator: GeneratorReference, for caller: VerifiedCaller, _ call: CallContext, _ snapshot: ServiceSnapshot
  ) -> Reply<[String: SecretBytes]> {
    do throws(RPCError) {
      try generator.checkLengths()
      try caller.checkWorkload()
      let federations = try grantingFederations(.generate, generator, caller, call, snapshot)
      guard let configured = snapshot.generators[generator] else {
        throw RPCError(
          .failedPrecondition, "generator \"\(generator)\" is not configured on this server; ask its operator for it")
      }
      let issuance = try openIssuance()
      let order = CredentialIssuer.Order(
        generator: generator, configured: configured, caller: caller, federations: federations, peer: call.peer)
      return .pending {
        let result = await issuance.issuer.issue(order)
        if case .failure(let error) = result {
          self.lines.generateFailed("\(generator)", error, for: caller.identity, peer: call.peer)
          issuance.journal.refused(
            .generate, generator.description, caller, peer: call.peer, error.code, grantedBy: federations)
        }
        return result
      }
    } catch {
      return .ready(.failure(error))
    }
  }

  private func revokeSelf(
    _ generator: GeneratorReference, for caller: VerifiedCaller, _ call: CallContext, _ snapshot: ServiceSnapshot
  ) -> Reply<Void> {
    do throws(RPCError) {
      try generator.checkLengths()
      try caller.checkWorkload()
      guard let workload = caller.workload?.binding else {
        throw RPCError(.invalidArgument, "missing workload context")
      }
      let federations = try grantingFederations(.revokeSelf, generator, caller, call, snapshot)
      var filter = StateFilter()
      filter.namespace = generator.namespace
      filter.generatorKind = generator.kind
      filter.generatorName = generator.name
      filter.ownerLabel = Owner(caller).label
      // The workload is attribution only: whoever asks takes back no more than it was given itself (D11).
      filter.identity = caller.audited(federations)
      let vouching = caller.identity.federations
      return try revoke(
        filter,
        where: { state in
          guard state.owner.workload?.isSameObject(as: workload) ?? false else { return .foreign }
          return snapshot.claim(of: vouching, to: state)
        }, .revokeSelf, generator.description, "revoked by its owner", caller, federations, call, snapshot)
    } catch {
      return .ready(.failure(error))
    }
  }

  private func revokeCredentials(
    _ request: RevokeCredentialsRequest, for caller: VerifiedCaller, _ call: CallContext, _ snapshot: ServiceSnapshot
  ) -> Reply<Void> {
    do throws(RPCError) {
      if let problem = Limits.problem("namespace", request.namespace, atMost: Limits.namespace) { throw problem }
      guard !request.owner.isEmpty else { throw RPCError(.invalidArgument, "owner is required") }
      guard OwnerLabel.isValid(request.owner) else {
        throw RPCError(
          .invalidArgument,
          "owner must be an owner label: at most 63 letters, digits, `-`, `_` and `.`, "
            + "with a letter or digit at both ends")
      }
      let target = "\(request.namespace)/*"
      let federations = snapshot.policy.federations(of: caller.identity, grantingStatesIn: request.namespace)
      guard !federations.isEmpty else { throw denied(.revoke, target, caller, call) }
      var filter = StateFilter()
      filter.namespace = request.namespace
      filter.ownerLabel = request.owner
      return try revoke(filter, .revoke, target, "revoked for its owner", caller, federations, call, snapshot)
    } catch {
      return .ready(.failure(error))
    }
  }

  private func revoke(
    _ filter: StateFilter, where claim: (@Sendable (GeneratorState) -> StateClaim)? = nil,
    _ action: AuditEntry.Action, _ target: String, _ reason: String, _ caller: VerifiedCaller,
    _ federations: Set<FederationReference>, _ call: CallContext, _ snapshot: ServiceSnapshot
  ) throws(RPCError) -> Reply<Void> {
    let issuance = try openIssuance()
    let actor = CredentialCleaner.Actor(action: action, identity: caller.audited(federations), peer: call.peer)
    return .pending {
      let result = await issuance.revoker.revoke(
        filter, where: claim, reason: reason, actor: actor, from: snapshot.generators)
      // What the reaper takes back later it does in its own name, so who asked for it is noted now.
      if case .failure(let error) = result {
        issuance.journal.refused(action, target, caller, peer: call.peer, error.code, grantedBy: federations)
      }
      return result
    }
  }

  private func grantingFederations(
    _ action: AuditEntry.Action, _ generator: GeneratorReference, _ caller: VerifiedCaller, _ call: CallContext,
    _ snapshot: ServiceSnapshot
  ) throws(RPCError) -> Set<FederationReference> {
    let federations = snapshot.policy.federations(of: caller.identity, granting: generator)
    guard !federations.isEmpty else { throw denied(action, generator.description, caller, call) }
    return federations
  }

  private func denied(
    _ action: AuditEntry.Action, _ target: String, _ caller: VerifiedCaller, _ call: CallContext
  ) -> RPCError {
    lines.generatorDenied(action.rawValue, target, to: caller.identity, peer: call.peer)
    issuance?.journal.refused(action, target, caller, peer: call.peer, .permissionDenied)
    return .notAuthorized
  }

  private func openIssuance() throws(RPCError) -> Issuance {
    guard let issuance else {
      throw RPCError(
        .failedPrecondition, "this server keeps no ledger, so it issues and revokes nothing; ask its operator for one")
    }
    return issuance
  }
}

extension GeneratorReference {
  /// What its texts take.
  fileprivate var textBytes: Int { namespace.utf8.count + kind.utf8.count + name.utf8.count }

  /// Throws INVALID_ARGUMENT for names that no generator can have.
  fileprivate func checkLengths() throws(RPCError) {
    let problem =
      Limits.problem("namespace", namespace, atMost: Limits.namespace)
      ?? Limits.problem("kind", kind, atMost: Limits.generatorKind)
      ?? Limits.problem("name", name, atMost: Limits.generatorName)
    if let problem { throw problem }
  }
}

extension WorkloadBinding {
  /// Whether both name one object. An owner's label is its name alone, and another namespace may have the same. The UID
  /// is not looked at: a pod that was made anew takes back what it had before.
  fileprivate func isSameObject(as other: WorkloadBinding) -> Bool {
    [kind, namespace, name].map { Array($0.utf8) } == [other.kind, other.namespace, other.name].map { Array($0.utf8) }
  }
}
