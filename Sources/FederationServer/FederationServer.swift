import CLinux
import FederationAPI
import FederationProto
import Gateway
import HTTP1
import HTTPClient
import Identity
import Kubernetes
import Logging
import Resources
import Service
import Synchronization
import TTRPC
import Transport
import WorkloadAPI

/// A running federation server: one TLS port for all wires, and another for callers with SVIDs, reloaded and drained on
/// request.
public final class FederationServer: Sendable {
  /// Where the TLS port is.
  public let address: ListenAddress
  /// Where the gateway listens without TLS, nil unless configured.
  public let plaintextAddress: ListenAddress?
  /// Where callers with SVIDs are served, nil unless configured.
  public var spiffeAddress: ListenAddress? { spiffe?.address }
  /// Where scrapes and probes are answered, nil unless configured.
  public var metricsAddress: ListenAddress? { metrics?.address }

  private let configuration: ServerConfiguration
  private let group: EventLoopGroup
  private let tls: ServerTLS
  private let spiffe: SPIFFEPort?
  private let workloadAPI: WorkloadAPISource?
  private let bundles: TrustBundles
  private let files: WatchedFiles
  private let handlers: FederationHandlers
  private let backing: Backing
  private let telling: ServerMetrics
  /// Nil when the manifests are files.
  private let cluster: ClusterFeed?
  private let client: HTTPClient
  private let metrics: MetricsPort?
  private let counts = ConfigurationCounts()
  private let log: Log
  /// Nil where nothing is to be watched.
  private let watcher: ManifestWatcher?
  private let manifestChanges: PatientSignal
  private let loaded: Mutex<LoadedManifests>
  /// What runs beside the calls: reaper and journal.
  private let background = Mutex<[Task<Void, Never>]>([])

  /// Loads the manifests, opens the data directory and listens. Where the manifests are a cluster's, it waits until they
  /// have been read; to cancel the task ends the wait.
  ///
  /// Throws ``ServerStartError``. The log gets each warning of the manifests.
  public static func start(
    _ configuration: ServerConfiguration, log: Log
  ) async throws(ServerStartError) -> FederationServer {
    // Begins before the first reading, so that no change is missed.
    let changes = PatientSignal()
    let watcher = watcher(configuration, changes, log)
    // What is wrong with files is told before anything is opened.
    let files: Manifests? =
      if case .directory(let directory) = configuration.origin { try load(directory, configuration, log) } else { nil }
    let client: HTTPClient
    do throws(HTTPClientError) { client = try HTTPClient(log: log) } catch { throw .setup("\(error)") }
    var metrics: MetricsPort?
    var backing: Backing?
    var cluster: ClusterFeed?
    do throws(ServerStartError) {
      // Before all that may wait, so that probes are answered meanwhile.
      metrics = try metricsPort(configuration, log)
      let api = try configuration.origin.api()
      let opened = try await Backing(
        configuration, client: client, cluster: api.map { KubernetesClient($0, http: client) }, log)
      backing = opened
      if case .cluster(let options) = configuration.origin, let api {
        cluster = try ClusterFeed(options, at: api, configuration, opened, log)
      }
      let manifests = if let files { files } else { try await cluster?.first() ?? Manifests() }
      let server = try await FederationServer(
        configuration, manifests, client, opened, cluster, metrics, (watcher, changes), log)
      server.watchManifests()
      server.watchFiles()
      server.startBackground()
      metrics?.serve(server.telling)
      return server
    } catch {
      watcher?.stop()
      await cluster?.stop()
      await metrics?.stop()
      await backing?.close()
      client.close()
      throw error
    }
  }

  private static func metricsPort(
    _ configuration: ServerConfiguration, _ log: Log
  ) throws(ServerStartError) -> MetricsPort? {
    guard let listen = configuration.metricsAddress else { return nil }
    do throws(TransportError) {
      return try MetricsPort(host: listen.host, port: listen.port, log: log)
    } catch {
      throw .setup("--metrics-listen: \(error)")
    }
  }

  private init(
    _ configuration: ServerConfiguration, _ manifests: Manifests, _ client: HTTPClient, _ backing: Backing,
    _ cluster: ClusterFeed?, _ metrics: MetricsPort?, _ watching: (watcher: ManifestWatcher?, changes: PatientSignal),
    _ log: Log
  ) async throws(ServerStartError) {
    self.configuration = configuration
    self.client = client
    self.backing = backing
    self.cluster = cluster
    self.metrics = metrics
    self.log = log
    (watcher, manifestChanges) = watching
    do {
      tls = try ServerTLS(
        certificateFile: configuration.certificateFile, keyFile: configuration.keyFile,
        minimumVersion: configuration.minimumTLSVersion, alpn: Wires.alpn)
      group = try EventLoopGroup(loops: configuration.loops, log: log)
      workloadAPI = try await Self.workloadAPI(configuration, log)
      bundles = TrustBundles(source: workloadAPI, log: log)
      files = WatchedFiles(log: log)
      let first = LoadedManifests(manifests, bundles)
      loaded = Mutex(first)
      let snapshot = backing.snapshot(
        generation: first.generation, manifests, bundles: first.bundles, client: client, log: log)
      handlers = FederationHandlers(
        snapshot: snapshot, authenticator: Authenticator(client: client, log: log), issuance: backing.issuance,
        limits: configuration.callLimits, watching: configuration.watching, log: log)
      counts.use(manifests)
      let wires = Wires(handlers: handlers, log: log)
      telling = ServerMetrics(
        group: group, wires: wires, handlers: handlers, backing: backing, configuration: counts,
        refusedObjects: cluster?.refused)
      address = try group.listen(
        host: configuration.host, port: configuration.port, tls: tls, limits: configuration.limits,
        makeHandler: { wires.handler(alpn: $0) }, makeRefusal: { wires.refusal(alpn: $0) })
      if let plain = configuration.plaintextAddress {
        plaintextAddress = try group.listen(
          host: plain.host, port: plain.port, tls: nil, limits: configuration.limits,
          makeHandler: { _ in wires.handler(alpn: nil) }, makeRefusal: { _ in wires.refusal(alpn: nil) })
      } else {
        plaintextAddress = nil
      }
      spiffe = try configuration.spiffe.map { [handlers, group, workloadAPI] listening in
        try SPIFFEPort(
          listening, ordinary: .files(certificate: configuration.certificateFile, key: configuration.keyFile),
          source: workloadAPI, handlers: handlers, wires: wires, group: group, limits: configuration.limits, log: log)
      }
    } catch {
      throw .setup("\(error)")
    }
  }

  /// Reads manifests and certificates again. What is broken is logged and the last good state stays in use.
  public func reload() {
    reloadCertificates()
    reloadManifests()
  }

  /// Stops accepting, lets running calls finish for the configured time, and ends all threads.
  public func stop() async {
    metrics?.drain()
    watcher?.stop()
    files.stop()
    workloadAPI?.close()
    async let isClusterLeft: Void? = cluster?.stop()
    await group.shutDown(graceSeconds: configuration.drainSeconds)
    for task in background.withLock({ $0 }) {
      task.cancel()
      await task.value
    }
    await isClusterLeft
    await metrics?.stop()
    await backing.close()
    client.close()
  }

  private func startBackground() {
    background.withLock { $0.append(Task { [handlers] in await handlers.runWatches() }) }
    if let workloadAPI {
      let task = Task { [weak self] in
        for await _ in workloadAPI.feed.changes() {
          self?.reloadCertificates(onlySPIFFE: true)
          self?.reloadBundles()
        }
      }
      background.withLock { $0.append(task) }
    }
    guard let issuance = backing.issuance else { return }
    let providers = ProviderPresence(
      management: ManagementClient(client: client, log: log), handlers: handlers, settings: configuration.issuance)
    let reaper = Reaper(issuance: issuance, handlers: handlers, checks: [providers])
    background.withLock { tasks in
      tasks.append(Task { await reaper.run() })
      tasks.append(Task { await issuance.runJournal() })
    }
  }

  private func watchManifests() {
    if let cluster {
      let task = Task { [weak self] in await cluster.follow { self?.use($0) } }
      background.withLock { $0.append(task) }
    }
    manifestChanges.answer { [weak self] in self?.reloadManifests() }
  }

  /// Watches the manifests for `changes`; made before they are read, so that no change is missed.
  private static func watcher(
    _ configuration: ServerConfiguration, _ changes: PatientSignal, _ log: Log
  ) -> ManifestWatcher? {
    guard case .directory(let directory) = configuration.origin, configuration.watchesManifests else { return nil }
    do {
      return try ManifestWatcher(directory: directory, log: log) { changes.give() }
    } catch {
      log.write(.warning, "manifest_watch_failed", ["reason": "\(error)", "advice": "send SIGHUP to reload"])
      return nil
    }
  }

  /// Has both ports take up their certificates, or only that for SVIDs, of which nothing is said when it is as it was.
  private func reloadCertificates(onlySPIFFE: Bool = false) {
    // Each port may have files of its own: what is wrong with one must not keep the other as it was.
    var failures: [String] = []
    var isNews = !onlySPIFFE
    if !onlySPIFFE { do { try tls.reload() } catch { failures.append("\(error)") } }
    do { if try spiffe?.reload() == true { isNews = true } } catch { failures.append("\(error)") }
    counts.reloaded(.certificates, failures.isEmpty)
    guard failures.isEmpty else {
      let reason = failures.joined(separator: "; ")
      return log.write(.error, "certificate_reload_failed", ["reason": reason, "kept": "the certificate in use"])
    }
    if isNews { log.write(.info, "certificates_reloaded") }
  }

  private func reloadManifests() {
    // What changes in a cluster comes by itself; bundles do not.
    if case .directory(let directory) = configuration.origin {
      loaded.withLock { loaded in
        do throws(ServerStartError) {
          use(try FederationServer.load(directory, configuration, log), &loaded)
        } catch {
          counts.reloaded(.manifests, false)
          log.write(.error, "manifest_reload_failed", ["kept": "the last good manifests", "reason": error.description])
        }
      }
    }
    reloadBundles()
    watchFiles()
  }

  private func use(_ manifests: Manifests) {
    loaded.withLock { use(manifests, &$0) }
    watchFiles()
  }

  private func use(_ manifests: Manifests, _ loaded: inout LoadedManifests) {
    loaded.replace(manifests, bundles)
    publish(loaded, manifests)
    counts.use(manifests)
    counts.reloaded(.manifests, true)
    log.write(.info, "manifests_reloaded", ["generation": String(loaded.generation)])
  }

  /// Connects to the Workload API, if there is to be one, and gives it a while to answer: a server that is ready should
  /// know whom to trust. One that does not keeps nobody else from being served.
  private static func workloadAPI(
    _ configuration: ServerConfiguration, _ log: Log
  ) async throws(RPCError) -> WorkloadAPISource? {
    guard let spiffe = configuration.spiffe, let address = spiffe.workloadAPI else { return nil }
    let source = try WorkloadAPISource(address, for: .server, log: log)
    _ = try? await source.current(waiting: spiffe.workloadAPISeconds)
    return source
  }

  /// Takes up bundles that have changed, under the manifests as they were read last.
  private func reloadBundles() {
    loaded.withLock { loaded in
      guard let manifests = loaded.refresh(bundles) else { return }
      publish(loaded, manifests)
      counts.reloaded(.trustBundles, true)
      log.write(.info, "trust_bundles_reloaded", ["generation": String(loaded.generation)])
    }
  }

  private func publish(_ loaded: LoadedManifests, _ manifests: Manifests) {
    handlers.replace(
      backing.snapshot(
        generation: loaded.generation, manifests, bundles: loaded.bundles, client: client, log: log))
  }

  /// Watches what the server was started with and what the manifests name now.
  private func watchFiles() {
    guard configuration.watchesManifests, let own = spiffe?.files else { return }
    files.watch({ own.union(loaded.withLock { $0.files }) }) { [weak self] in
      if !own.isEmpty { self?.reloadCertificates(onlySPIFFE: true) }
      self?.reloadBundles()
    }
  }

  private static func load(
    _ directory: String, _ configuration: ServerConfiguration, _ log: Log
  ) throws(ServerStartError) -> Manifests {
    let (manifests, diagnostics) = ManifestLoader.load(directory: directory)
    let errors = diagnostics.filter { $0.severity == .error }
    guard errors.isEmpty else { throw .invalidManifests(errors) }
    for warning in diagnostics { log.write(.warning, "manifest", ["message": warning.description]) }
    try Backing.check(manifests, configuration)
    // One line, however many: the flag is missing once.
    if let first = Backing.unserved(manifests, configuration).first {
      log.write(.warning, "manifest", ["message": first.description])
    }
    return manifests
  }
}
