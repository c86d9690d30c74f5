import FederationAPI
import Logging
import Resources

extension Reconciliation {
  /// Says that the target is as it should be.
  func done(
    _ sourced: SourcedExternalSecret, _ resource: ExternalSecretResource, _ reason: ReadyCondition.Reason,
    _ message: ReconcileMessage, version: String
  ) async -> Outcome {
    var status = sourced.status
    status.refreshTime = now()
    status.syncedResourceVersion = version
    status.binding = resource.target.creationPolicy == .none || reason != .synced ? nil : resource.target.name
    status.set(reason, message.rawValue, now: now())
    do throws(RPCError) {
      let kept = try await source.keep(status, of: sourced)
      try await dropIssuers(kept, resource)
    } catch {
      log.write(.warning, "status_failed", ["name": "\(sourced.name)", "reason": "\(error)"])
      return .failed
    }
    return .done(again: resource.refreshPolicy == .periodic ? resource.againSeconds : nil)
  }

  /// Says what failed. The target stays as it is.
  func failed(
    _ sourced: SourcedExternalSecret, _ failure: ReconcileFailure, again seconds: Double?
  ) async -> Outcome {
    var status = sourced.status
    status.set(.failed, failure.text, now: now())
    if status.ready != sourced.status.ready {
      await source.record(
        ReconcileEvent(isWarning: true, reason: failure.message.eventReason, message: failure.text), about: sourced)
      do throws(RPCError) { try await source.keep(status, of: sourced) } catch {
        log.write(.warning, "status_failed", ["name": "\(sourced.name)", "reason": "\(error)"])
      }
    }
    log.write(.warning, "reconcile_failed", ["name": "\(sourced.name)", "reason": failure.text])
    return failure.isFinal ? .refused(again: seconds) : .failed
  }

  /// Cleans up after an ExternalSecret that is gone, or on its way out.
  func clean(_ name: ResourceName, _ known: ExternalSecretStatus? = nil) async -> Outcome {
    var remains = known
    if remains == nil { remains = await source.remains(of: name) }
    do throws(RPCError) {
      if !target.collectsGarbage {
        for secret in try await target.secrets(ownedBy: name) {
          try await target.delete(secret)
          log.write(.info, "secret_deleted", ["name": "\(secret.name)"])
        }
      }
      if let remains {
        try await Issuance(source: source, connections: connections, namespace: name.namespace)
          .revoke(remains.issuers, of: name)
      }
      try await source.forget(name)
      return .cleaned
    } catch {
      log.write(.warning, "cleanup_failed", ["name": "\(name)", "reason": "\(error)"])
      return .failed
    }
  }

  /// Takes back what generators issued that the ExternalSecret names no more.
  private func dropIssuers(
    _ sourced: SourcedExternalSecret, _ resource: ExternalSecretResource
  ) async throws(RPCError) {
    guard !sourced.status.issuers.isEmpty else { return }
    var current: [FederationGeneratorResource] = []
    for name in try RemoteValues.generators(in: resource.dataFrom) {
      current.append(try await source.generator(ResourceName(namespace: resource.namespace, name: name)))
    }
    let dropped = sourced.status.issuers.filter { !current.contains($0) }
    guard !dropped.isEmpty else { return }
    try await Issuance(source: source, connections: connections, namespace: resource.namespace)
      .revoke(dropped, of: sourced.name)
    var status = sourced.status
    status.issuers = status.issuers.filter { current.contains($0) }
    try await source.keep(status, of: sourced)
  }
}

/// Conditions' messages, as ESO has them.
enum ReconcileMessage: String {
  case synced = "secret synced"
  case retained = "secret retained due to DeletionPolicy=Retain"
  case deleted = "secret deleted due to DeletionPolicy=Delete"
  case missing = "secret will not be created due to CreationPolicy=Merge"
  case provider = "could not get secret data from provider"
  case delete = "could not delete secret"
  case deleteFormer = "could not delete orphaned secrets"
  case update = "could not update secret"
  case updateImmutable = "could not update secret, target is immutable"
  case becomeOwner = "failed to take ownership of target secret"
  case isOwned = "target is owned by another ExternalSecret"
  case invalid = "the ExternalSecret cannot be read"

  /// The reason of the event that tells of the failure.
  var eventReason: String {
    self == .invalid ? "InvalidSpec" : "UpdateFailed"
  }
}

/// Why an ExternalSecret could not be reconciled.
struct ReconcileFailure: Error {
  /// What could not be done.
  var message: ReconcileMessage
  /// Why, without a secret.
  var detail: String
  /// Whether only a change of a resource can mend it.
  var isFinal: Bool
  /// Whether somebody else was there first.
  var isConflict = false

  /// What a person reads.
  var text: String { "\(message.rawValue): \(detail)" }

  init(_ message: ReconcileMessage, _ detail: String) {
    self.message = message
    self.detail = detail
    isFinal = true
  }

  init(_ message: ReconcileMessage, _ error: RPCError) {
    self.message = message
    detail = error.message
    isFinal = false
    isConflict = error.code == .aborted || error.code == .alreadyExists
  }

  init(_ refusal: SecretDraft.Refusal) {
    switch refusal {
    case .isOwned(let name): self.init(.isOwned, name)
    case .cannotBeOwned(let other): self.init(.becomeOwner, "\(other) controls it already")
    case .isImmutable: self.init(.updateImmutable, "its values have changed; delete the Secret to have it made anew")
    }
  }
}

extension ReconcileEvent {
  static let created = ReconcileEvent(reason: "Created", message: "secret created")
  static let updated = ReconcileEvent(reason: "Updated", message: "secret updated")
  static let deleted = ReconcileEvent(reason: "Deleted", message: "secret deleted due to DeletionPolicy=Delete")
}

extension ExternalSecretStatus {
  /// Whether the last fetch gave nothing that would have to be in the target.
  var hasNoValues: Bool { ready?.message == ReconcileMessage.retained.rawValue }
}

extension ExternalSecretResource {
  /// Seconds to the next look at it; nil when only a change makes one.
  var againSeconds: Double? { refreshSeconds > 0 ? refreshSeconds : nil }
}

extension RefreshDecision {
  /// Seconds after which a target that cannot be read is looked at again.
  static let patience = 60.0
}
