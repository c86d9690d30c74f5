import ExternalSecrets
import FederationAPI
import Logging
import Resources
import Synchronization

/// Resources as manifests in a directory, read again when they change; statuses as files in another.
///
/// A set of manifests with an error in it takes the place of no good one: what is left out of it was not removed.
public final class ManifestSource: ResourceSource {
  private struct State {
    var manifests = ManifestIndex(AgentManifests())
    var statuses: [ResourceName: ExternalSecretStatus]
    var continuations: [AsyncStream<ResourceChange>.Continuation] = []
  }

  private let directory: String
  private let files: StatusFiles
  private let log: Log
  private let state: Mutex<State>

  /// Reads the manifests below `directory`, and the statuses that an earlier run left in `statusDirectory`.
  ///
  /// - Throws: ``ManifestFaults`` when a manifest has an error.
  public init(directory: String, statusDirectory: String, log: Log) throws(ManifestFaults) {
    self.directory = directory
    self.log = log
    files = StatusFiles(directory: statusDirectory)
    state = Mutex(State(statuses: files.readAll()))
    let (index, diagnostics) = Self.load(directory)
    guard let index else { throw ManifestFaults(diagnostics) }
    for warning in diagnostics { log.write(.warning, "manifest", ["what": "\(warning)"]) }
    state.withLock { $0.manifests = index }
  }

  /// Reads the manifests again. Those that came with an error are logged and not used.
  public func reload() {
    let (index, diagnostics) = Self.load(directory)
    for diagnostic in diagnostics {
      log.write(diagnostic.isError ? .error : .warning, "manifest", ["what": "\(diagnostic)"])
    }
    guard let index else {
      return log.write(.error, "reload_refused", ["reason": "the manifests have errors; those read before stay in use"])
    }
    let continuations = state.withLock { state in
      state.manifests = index
      return state.continuations
    }
    log.write(.info, "reloaded", ["external_secrets": "\(index.externalSecrets.count)"])
    for continuation in continuations { continuation.yield(.everything) }
  }

  /// Reads the manifests again whenever they change, until the watcher is stopped; nil, and a line in the log, where files
  /// cannot be watched.
  public func watch() -> ManifestWatcher? {
    do throws(WatchFailure) {
      return try ManifestWatcher(directory: directory, log: log) { [weak self] in self?.reload() }
    } catch {
      log.write(.warning, "watch_failed", ["reason": "\(error)"])
      return nil
    }
  }

  /// `everything` after each reload.
  public func changes() -> AsyncStream<ResourceChange> {
    let (stream, continuation) = AsyncStream<ResourceChange>.makeStream(bufferingPolicy: .bufferingNewest(1))
    state.withLock { $0.continuations.append(continuation) }
    return stream
  }

  /// Those of manifests, and those that only a status remembers.
  public func externalSecretNames() async -> [ResourceName] {
    state.withLock { Array(Set($0.manifests.externalSecrets.keys).union($0.statuses.keys)) }
  }

  /// From the manifests, with its status file.
  public func externalSecret(_ name: ResourceName) async -> SourcedExternalSecret? {
    state.withLock { state in
      guard let resource = state.manifests.externalSecrets[name] else { return nil }
      return SourcedExternalSecret(
        name: name, resource: .success(resource), status: state.statuses[name] ?? ExternalSecretStatus())
    }
  }

  /// From the manifests.
  public func store(_ name: ResourceName) async throws(RPCError) -> FederationStoreResource {
    guard let store = state.withLock({ $0.manifests.stores[name] }) else {
      throw RPCError(.notFound, "there is no FederationStore \"\(name)\"")
    }
    return store
  }

  /// From the manifests.
  public func generator(_ name: ResourceName) async throws(RPCError) -> FederationGeneratorResource {
    guard let generator = state.withLock({ $0.manifests.generators[name] }) else {
      throw RPCError(.notFound, "there is no generator Federation \"\(name)\"")
    }
    return generator
  }

  /// From a Secret among the manifests.
  public func secretValue(_ selector: SecretKeySelector) async throws(RPCError) -> SecretBytes {
    let name = ResourceName(namespace: selector.namespace, name: selector.name)
    guard let secret = state.withLock({ $0.manifests.secrets[name] }) else {
      throw RPCError(.notFound, "there is no Secret \"\(name)\"")
    }
    guard let value = secret[selector.key] else {
      throw RPCError(.notFound, "the Secret \"\(name)\" has no key \"\(selector.key)\"")
    }
    return value
  }

  /// From a ConfigMap among the manifests.
  public func configMapValue(_ selector: SecretKeySelector) async throws(RPCError) -> String {
    let name = ResourceName(namespace: selector.namespace, name: selector.name)
    guard let value = state.withLock({ $0.manifests.configMaps[name]?[selector.key] }) else {
      throw RPCError(.notFound, "there is no ConfigMap \"\(name)\" with the key \"\(selector.key)\"")
    }
    return value
  }

  /// Nobody makes tokens here.
  public func token(of account: ResourceName, audiences: [String]) async throws(RPCError) -> String {
    throw RPCError(
      .failedPrecondition,
      "a token of the service account \"\(account)\" can only be had in Kubernetes; write spec.auth.kubernetes.tokenFile"
    )
  }

  /// Writes the status file.
  public func keep(
    _ status: ExternalSecretStatus, of secret: SourcedExternalSecret
  ) async throws(RPCError) -> SourcedExternalSecret {
    try files.write(status, of: secret.name)
    state.withLock { $0.statuses[secret.name] = status }
    var kept = secret
    kept.status = status
    return kept
  }

  /// A status file is what holds: it outlives the manifest.
  public func holdForCleanup(_ secret: SourcedExternalSecret) async throws(RPCError) -> SourcedExternalSecret { secret }

  /// What its status file says.
  public func remains(of name: ResourceName) async -> ExternalSecretStatus? { state.withLock { $0.statuses[name] } }

  /// Removes its status file.
  public func forget(_ name: ResourceName) async throws(RPCError) {
    try files.remove(name)
    state.withLock { $0.statuses[name] = nil }
  }

  /// Writes a line to the log.
  public func record(_ event: ReconcileEvent, about secret: SourcedExternalSecret) async {
    log.write(
      event.isWarning ? .warning : .info, "event",
      ["name": "\(secret.name)", "reason": event.reason, "message": event.message])
  }

  private static func load(_ directory: String) -> (ManifestIndex?, [Diagnostic]) {
    var (manifests, diagnostics) = ManifestLoader.loadForAgent(directory: directory)
    for resource in manifests.externalSecrets {
      do throws(RPCError) { try resource.checkContent() } catch {
        diagnostics.append(Diagnostic(.error, at: resource.location, "`spec.\(error.message)`"))
      }
    }
    return (diagnostics.contains(where: \.isError) ? nil : ManifestIndex(manifests), diagnostics)
  }
}

/// Why an agent cannot begin with its manifests.
public struct ManifestFaults: Error, CustomStringConvertible {
  /// All that there is to say, warnings included.
  public let diagnostics: [Diagnostic]

  init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

  /// One line for each.
  public var description: String { diagnostics.map { "\($0)" }.joined(separator: "\n") }
}
