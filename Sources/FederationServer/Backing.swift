import Crypto
import FederationAPI
import Generators
import HTTPClient
import Kubernetes
import Ledger
import Logging
import Providers
import Resources
import SecretStores
import Service

/// What a server keeps on disk or in a database, from its start to its end.
struct Backing: Sendable {
  /// The embedded store, nil when the server has no data directory.
  let local: LocalDatabase?
  /// Ledger and issuance, nil when the server has neither ledger nor data directory.
  let issuance: Issuance?
  /// The stores whose values are fetched.
  let remote: RemoteStores
  /// The logins of generators at Vault.
  let vaults: VaultSessions

  /// `cluster` makes tokens of service accounts; nil where resources are files.
  init(
    _ configuration: ServerConfiguration, client: any HTTPSending, cluster: KubernetesClient?, _ log: Log
  ) async throws(ServerStartError) {
    remote = RemoteStores(client: client, cluster: cluster, cacheBytes: configuration.cacheBytes, log: log)
    vaults = VaultSessions(client: client, log: log)
    do {
      local =
        if let directory = configuration.dataDirectory {
          try await LocalDatabase(directory: directory)
        } else { nil }
    } catch {
      throw .setup("\(error)")
    }
    guard let location = configuration.ledgerLocation else {
      issuance = nil
      return
    }
    do throws(LedgerError) {
      let ledger = try await location.open { from, to in
        log.write(.info, "ledger_migrated", ["from": String(from), "to": String(to)])
      }
      issuance = Issuance(ledger: ledger, settings: configuration.issuance, log: log)
    } catch {
      throw .setup("the ledger in \(location) cannot be used: \(error)")
    }
  }

  /// Lets go of the ledger and of the stores' logins.
  func close() async {
    await issuance?.close()
    remote.close()
  }

  /// What requests are answered from under `manifests`, with the bundles of their SpiffeFederations.
  func snapshot(
    generation: UInt64, _ manifests: Manifests, bundles: [FederationReference: SPIFFETrustBundle],
    client: any HTTPSending, log: Log
  ) -> ServiceSnapshot {
    let generators = GeneratorRegistry(
      generators: manifests.generators, secrets: manifests.secrets, client: client, vaults: vaults, log: log)
    return ServiceSnapshot(
      generation: generation, manifests: manifests, bundles: bundles, local: local,
      remote: remote.stores(of: manifests), generators: generators, log: log)
  }

  /// Throws when `manifests` need what the server was not started with.
  static func check(_ manifests: Manifests, _ configuration: ServerConfiguration) throws(ServerStartError) {
    if let first = unmet(manifests, configuration).first { throw .setup(first.description) }
  }

  /// What in `manifests` needs what the server was not started with.
  static func unmet(_ manifests: Manifests, _ configuration: ServerConfiguration) -> [Diagnostic] {
    var unmet: [Diagnostic] = []
    if configuration.dataDirectory == nil {
      let isLocal: (ClusterSecretStore) -> Bool = { if case .local = $0.provider { true } else { false } }
      unmet += manifests.clusterSecretStores.filter(isLocal).map { store in
        Diagnostic(
          .error, at: store.location,
          "store \"\(store.name)\" uses provider local: start the server with --data DIR")
      }
    }
    if configuration.ledgerLocation == nil {
      unmet += manifests.generators.map { generator in
        Diagnostic(
          .error, at: generator.location,
          "what generator \"\(generator.reference)\" makes has to be recorded: start the server with --data DIR, or "
            + "with --ledger postgres://...")
      }
    }
    return unmet
  }

  /// What in `manifests` has no effect on a server that was started so.
  static func unserved(_ manifests: Manifests, _ configuration: ServerConfiguration) -> [Diagnostic] {
    guard configuration.spiffe == nil else { return [] }
    return manifests.spiffeFederations.map { federation in
      Diagnostic(
        .warning, at: federation.location,
        "SpiffeFederation `\(federation.name)` has no effect: its callers have a port of their own, start the server with "
          + "--spiffe-listen HOST:PORT")
    }
  }
}

extension ServerConfiguration {
  /// Where the ledger is, nil for none.
  var ledgerLocation: LedgerLocation? { ledger ?? dataDirectory.map { .directory($0) } }
}
