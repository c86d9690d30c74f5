import Crypto
import FederationAPI
import Generators
import JSON
import Ledger
import Synchronization

/// Has generators make credentials, and sees to it that each is in the ledger before anyone has it.
///
/// The state is announced before anything is made and confirmed before anything is handed out. Whatever goes wrong in
/// between leaves a state that the ``Reaper`` cleans up from.
final class CredentialIssuer: Sendable {
  private let ledger: any Ledger
  private let withdrawals: Withdrawals
  private let settings: IssuanceSettings
  private let counts: IssuanceCounts
  private let lines: IssuanceLines

  init(
    ledger: any Ledger, withdrawals: Withdrawals, settings: IssuanceSettings, counts: IssuanceCounts,
    lines: IssuanceLines
  ) {
    self.counts = counts
    self.ledger = ledger
    self.withdrawals = withdrawals
    self.settings = settings
    self.lines = lines
  }

  /// What is to be issued, once it is known that it may be.
  struct Order: Sendable {
    let generator: GeneratorReference
    let configured: ConfiguredGenerator
    let caller: VerifiedCaller
    /// The federations whose grants allow it.
    let federations: Set<FederationReference>
    let peer: String
  }

  /// Issues one credential. When the caller goes away meanwhile, the work still comes to one of its two ends: nothing
  /// is left, or the reaper knows.
  func issue(_ order: Order) async -> Result<[String: SecretBytes], RPCError> {
    let hasCaller = CallerPresence()
    return await withTaskCancellationHandler {
      // Not cancelled with the call: what was begun is finished.
      await Task { await self.finish(order, hasCaller) }.value
    } onCancel: {
      hasCaller.end()
    }
  }

  private func finish(
    _ order: Order, _ hasCaller: CallerPresence
  ) async -> Result<[String: SecretBytes], RPCError> {
    do throws(RPCError) {
      let (state, plan) = try prepare(order)
      guard hasCaller.isThere else { throw .givenUp }
      try await announce(state)
      try await check(hasCaller, state)
      let made: GeneratedCredential
      do throws(RPCError) {
        made = try await order.configured.generator.generate(plan)
      } catch {
        await withdrawals.withdraw(state.name, because: "generation failed")
        throw error
      }
      if let refusal = made.refusal {
        let left = left(of: state, made.lease)
        await withdrawals.withdraw(forgotten: left, because: "it is not fit to be handed out")
        await withdrawals.withdraw(state.name, because: "generation failed")
        throw refusal
      }
      // A lease is known to nobody else yet: it is recorded before it is given up.
      if made.lease == nil { try await check(hasCaller, state) }
      try await confirm(state, made.lease, order)
      // Once more: it is live now, and whoever left while it was confirmed will never have it.
      try await check(hasCaller, state)
      counts.issued.add(1, ordering: .relaxed)
      return .success(made.values)
    } catch {
      counts.failed.add(1, ordering: .relaxed)
      return .failure(error)
    }
  }

  private func check(_ hasCaller: CallerPresence, _ state: GeneratorState) async throws(RPCError) {
    guard !hasCaller.isThere else { return }
    await withdrawals.withdraw(state.name, because: "its caller went away")
    throw .givenUp
  }

  private func prepare(_ order: Order) throws(RPCError) -> (GeneratorState, GenerationPlan) {
    let owner = Owner(order.caller)
    let now = settings.wallClock()
    let lease = order.configured.resource.leaseSeconds ?? settings.defaultLeaseSeconds
    let plan = try order.configured.generator.plan(
      GenerationRequest(ownerLabel: owner.label, expiresAtSeconds: lease.map { now + $0 }))
    let state = GeneratorState(
      name: try makeName(order.generator, owner), generator: order.generator, owner: owner,
      identity: IdentityReference(order.caller.identity, order.federations),
      resource: order.configured.resource.snapshot,
      state: Self.text(plan.state), instance: ledger.instance, createdAtSeconds: now,
      expiresAtSeconds: plan.expiresAtSeconds)
    return (state, plan)
  }

  private func makeName(_ generator: GeneratorReference, _ owner: Owner) throws(RPCError) -> String {
    do throws(CryptoError) {
      return try StateName.make(generator, ownerLabel: owner.label)
    } catch {
      lines.hasNoRandomness(error)
      throw RPCError(.internal, "the server has no randomness to name a credential with")
    }
  }

  private func announce(_ state: GeneratorState) async throws(RPCError) {
    do throws(LedgerError) {
      try await ledger.announce(state)
    } catch {
      lines.ledgerFailed(.announce, error)
      // It may have been written although the answer was lost. One whose name is taken is somebody else's.
      if error.kind != .conflict {
        await withdrawals.withdraw(unmade: state.name, because: "it could not be announced")
      }
      throw .ledgerUnavailable
    }
  }

  /// For where the ledger has no state, or none with the lease: under a name that no cleanup is running for.
  private func left(of state: GeneratorState, _ lease: GeneratedLease?) -> GeneratorState {
    var left = state
    left.name = StateName.second(state.name)
    if let lease { left.state = Self.text(lease.state) }
    return left
  }

  private static func text(_ state: JSONValue) -> String { String(decoding: state.encoded(), as: UTF8.self) }

  private func confirm(
    _ state: GeneratorState, _ generated: GeneratedLease?, _ order: Order
  ) async throws(RPCError) {
    let lease = generated.map { StateLease(state: Self.text($0.state), expiresAtSeconds: $0.expiresAtSeconds) }
    let left = left(of: state, generated)
    let issued = IssuedCredential(
      source: .generator(state.generator, stateName: state.name), workload: state.owner.workload,
      lastIssuedAtSeconds: settings.wallClock())
    let entry = AuditEntry(
      atMilliseconds: settings.wallClockMilliseconds(), action: .generate, outcome: "ok",
      identity: order.caller.audited(order.federations), target: state.generator.description, stateName: state.name,
      owner: state.owner.name, peer: order.peer)
    let isLive: Bool
    do throws(LedgerError) {
      isLive = try await ledger.confirm(
        state.name, lease: lease, issued: issued, to: state.identity, audit: entry)
    } catch {
      lines.ledgerFailed(.confirm, error)
      await withdrawals.withdraw(
        later: state.name, because: "it could not be confirmed", unannounced: lease == nil ? nil : left)
      throw .ledgerUnavailable
    }
    guard isLive else {
      // Whoever revoked it may have cleaned up and forgotten it before there was anything to find. So it is announced
      // again.
      await withdrawals.withdraw(forgotten: left, because: "it was revoked while it was made")
      throw RPCError(.aborted, "the credential was revoked while it was made; ask again")
    }
  }
}

/// Whether somebody still waits for the answer.
private final class CallerPresence: Sendable {
  private let presence = Atomic(true)
  var isThere: Bool { presence.load(ordering: .relaxed) }
  func end() { presence.store(false, ordering: .relaxed) }
}

extension RPCError {
  fileprivate static let givenUp = RPCError(.cancelled, "the call was given up while the credential was made")
  /// What callers are told while the ledger cannot be reached.
  static let ledgerUnavailable = RPCError(
    .unavailable, "the server cannot reach its ledger, so nothing is issued or revoked now; retry later")
}
