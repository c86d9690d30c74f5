import FederationAPI
import Logging
import Resources

/// Brings one ExternalSecret's target about, once.
struct Reconciliation: Sendable {
  /// How it ended.
  enum Outcome: Sendable, Equatable {
    /// The target is as it should be; the values are to be fetched again after these seconds, if any.
    case done(again: Double?)
    /// The ExternalSecret is gone, and what it had is free for others.
    case cleaned
    /// It failed, and may succeed later.
    case failed
    /// It failed, and only a change can mend it; it is looked at again after these seconds, if any.
    case refused(again: Double?)
  }

  let source: any ResourceSource
  let target: any SecretTarget
  let connections: FederationConnections
  let log: Log
  /// Seconds since 1970-01-01T00:00:00Z.
  var now: @Sendable () -> Int64 = { WallClock.nowSeconds }

  /// Reconciles `name`. With `isForced` what is fetched periodically is fetched now.
  func run(_ name: ResourceName, isForced: Bool) async -> Outcome {
    guard let sourced = await source.externalSecret(name) else { return await clean(name) }
    if sourced.isDeleting { return await clean(name, sourced.status) }
    let resource: ExternalSecretResource
    switch sourced.resource {
    case .success(let read): resource = read
    case .failure(let error):
      return await failed(sourced, ReconcileFailure(.invalid, error.message), again: nil)
    }
    let existing: TargetSecret?
    do throws(RPCError) {
      existing = try await target.secret(ResourceName(namespace: name.namespace, name: resource.target.name))
    } catch {
      return await failed(sourced, ReconcileFailure(.update, error), again: RefreshDecision.patience)
    }
    let decision = RefreshDecision(
      policy: resource.refreshPolicy, intervalSeconds: resource.refreshSeconds,
      version: DataHash.short(resource.fingerprint), status: sourced.status, now: now())
    let needsTarget = resource.target.creationPolicy != .none && sourced.status.ready?.reason == .synced
    let isIntact = !needsTarget || SecretDraft.isIntact(existing) || sourced.status.hasNoValues
    guard isForced && decision.isRepeated || decision.isDue || !isIntact else {
      return .done(again: decision.pauseSeconds)
    }
    return await refresh(sourced, resource, existing, version: decision.version)
  }

  private func refresh(
    _ sourced: SourcedExternalSecret, _ resource: ExternalSecretResource, _ existing: TargetSecret?, version: String
  ) async -> Outcome {
    var sourced = sourced
    let values: [String: SecretBytes]
    do throws(RPCError) {
      values = try await fetch(resource, &sourced)
    } catch {
      return await failed(sourced, ReconcileFailure(.provider, error), again: resource.againSeconds)
    }
    if values.isEmpty, resource.target.deletionPolicy != .merge {
      return await emptied(sourced, resource, existing, version: version)
    }
    var existing = existing
    var conflicts = 0
    while true {
      do throws(ReconcileFailure) {
        let reason = try await write(sourced, resource, values, over: existing)
        return await done(sourced, resource, reason, reason == .missing ? .missing : .synced, version: version)
      } catch {
        conflicts += 1
        guard error.isConflict, conflicts < Self.maximumConflicts else {
          return await failed(sourced, error, again: resource.againSeconds)
        }
      }
      // Somebody else wrote it meanwhile: what is wanted is put into what is there now.
      existing = try? await target.secret(ResourceName(namespace: resource.namespace, name: resource.target.name))
    }
  }

  /// How often one round meets somebody else's write before it gives up.
  private static let maximumConflicts = 5

  private func fetch(
    _ resource: ExternalSecretResource, _ sourced: inout SourcedExternalSecret
  ) async throws(RPCError) -> [String: SecretBytes] {
    let namespace = resource.namespace
    let store = try await source.store(ResourceName(namespace: namespace, name: resource.store))
    let client = try await connections.client(for: store)
    let issuance = Issuance(source: source, connections: connections, namespace: namespace)
    let names = try RemoteValues.generators(in: resource.dataFrom)
    if !names.isEmpty { sourced = try await issuance.announce(names, for: sourced) }
    let freshness = ReadFreshness()
    let remote = RemoteValues(
      skipsMissing: resource.target.deletionPolicy != .retain, store: store.store, client: client,
      noteStale: { freshness.noteStale(seconds: Double($0)) },
      generate: { (name) throws(RPCError) in try await issuance.generate(name) })
    let values = try await remote.values(data: resource.data, dataFrom: resource.dataFrom)
    if let seconds = freshness.staleSeconds {
      log.write(
        .warning, "values_stale",
        [
          "external_secret": "\(sourced.name)", "store": store.store, "seconds": "\(seconds)",
          "reason": "the server gives older values, because their backend does not answer it",
        ])
    }
    return values
  }

  /// The store has nothing of what is asked for.
  private func emptied(
    _ sourced: SourcedExternalSecret, _ resource: ExternalSecretResource, _ existing: TargetSecret?, version: String
  ) async -> Outcome {
    guard resource.target.deletionPolicy == .delete else {
      return await done(sourced, resource, .synced, .retained, version: version)
    }
    if let existing {
      if let owner = existing.owner, owner.name != sourced.name.name {
        return await failed(sourced, ReconcileFailure(.isOwned, owner.name), again: resource.againSeconds)
      }
      do throws(RPCError) {
        try await target.delete(existing)
      } catch {
        return await failed(sourced, ReconcileFailure(.delete, error), again: resource.againSeconds)
      }
      await source.record(.deleted, about: sourced)
      log.write(.info, "secret_deleted", ["name": "\(existing.name)"])
    }
    return await done(sourced, resource, .deleted, .deleted, version: version)
  }

  private func write(
    _ sourced: SourcedExternalSecret, _ resource: ExternalSecretResource, _ values: [String: SecretBytes],
    over existing: TargetSecret?
  ) async throws(ReconcileFailure) -> ReadyCondition.Reason {
    let content: SecretContent
    do throws(RPCError) {
      content = try SecretContent(resource, values: values)
    } catch {
      throw ReconcileFailure(.update, error)
    }
    switch resource.target.creationPolicy {
    case .none: return .synced
    case .merge where existing == nil: return .missing
    case .owner, .orphan, .merge: break
    }
    try await deleteFormerTargets(sourced, resource)
    var draft: TargetSecret?
    do throws(SecretDraft.Refusal) {
      draft = try SecretDraft(owner: sourced, target: resource.target, content: content).secret(over: existing)
    } catch {
      throw ReconcileFailure(error)
    }
    guard let draft else { return .synced }
    do throws(RPCError) {
      try await target.write(draft)
    } catch {
      throw ReconcileFailure(.update, error)
    }
    let event: ReconcileEvent = existing == nil ? .created : .updated
    await source.record(event, about: sourced)
    log.write(
      .info, "secret_written",
      ["name": "\(draft.name)", "external_secret": "\(sourced.name)", "keys": "\(draft.data.count)"])
    return .synced
  }

  /// What the ExternalSecret owned under another name before its target was renamed.
  private func deleteFormerTargets(
    _ sourced: SourcedExternalSecret, _ resource: ExternalSecretResource
  ) async throws(ReconcileFailure) {
    guard let binding = sourced.status.binding, binding != resource.target.name else { return }
    do throws(RPCError) {
      let name = ResourceName(namespace: sourced.name.namespace, name: binding)
      guard let former = try await target.secret(name), former.owner?.name == sourced.name.name else { return }
      try await target.delete(former)
      log.write(.info, "secret_deleted", ["name": "\(name)"])
    } catch {
      throw ReconcileFailure(.deleteFormer, error)
    }
  }
}
