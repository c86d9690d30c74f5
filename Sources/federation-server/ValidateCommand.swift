import CommandLineFlags
import FederationAPI
import HTTPClient
import Kubernetes
import Logging
import Providers
import Resources

/// `federation-server validate`: checks manifests without serving them.
enum ValidateCommand {
  /// How many stores are asked at once.
  private static let concurrency = 16

  static let usage = """
    usage: federation-server validate --config DIR [--online] [--kubernetes [--kubeconfig FILE] [--context NAME]]
      --online      logs in to the backend of each store whose values are fetched, and makes one harmless call at what
                    serves them; to a webhook it only connects
      --kubernetes  the manifests are for a server of a cluster: stores may log in with service accounts, whose tokens
                    --online has made by the cluster it runs in, or that of $KUBECONFIG, --kubeconfig and --context
      Prints `FILE:LINE: MESSAGE` for each error (stderr) and warning (stdout). Exit 1 when there is an error.
    """

  private static let flags: [FlagParser.Flag] =
    [.init("config"), .init("online", takesValue: false)] + ClusterFlags.flags.filter { $0.name != "namespace" }

  static func run(_ arguments: [String]) async throws(UsageError) -> Int32 {
    let flags = try FlagParser(flags: Self.flags).parse(arguments)
    if let word = flags.operands.first { throw UsageError("unexpected word \"\(word)\"") }
    let cluster = try ClusterFlags(flags)
    let (manifests, diagnostics) = ManifestLoader.load(
      directory: try flags.required("config"), isForCluster: cluster != nil)
    let errors = diagnostics.filter { $0.severity == .error }
    for diagnostic in diagnostics where diagnostic.severity == .warning { print(diagnostic) }
    for error in errors { writeError(error.description) }
    guard errors.isEmpty else { return 1 }
    if flags.values["online"] != nil, await !checkStores(of: manifests, cluster) { return 1 }
    print(
      "valid: \(manifests.federations.count) federations, \(manifests.authorizations.count) authorizations, "
        + "\(manifests.clusterSecretStores.count) stores, \(manifests.generators.count) generators")
    return 0
  }

  /// Whether every store's backend can be used; prints what was asked, and what is wrong with those that cannot.
  private static func checkStores(of manifests: Manifests, _ cluster: ClusterFlags?) async -> Bool {
    let client: HTTPClient
    let api: KubernetesConfiguration?
    do {
      client = try HTTPClient(log: Log(level: .error))
      api = try cluster.map { try .ofProcess(kubeconfig: $0.kubeconfig, context: $0.context) }
    } catch {
      writeError("federation-server: \(error)")
      return false
    }
    defer { client.close() }
    // What it would log is printed, with the manifest's place.
    let remote = RemoteStores(
      client: client, cluster: api.map { KubernetesClient($0, http: client) }, log: Log(level: .error))
    defer { remote.close() }
    let stores = remote.stores(of: manifests)
    let due = manifests.clusterSecretStores.compactMap { resource in stores[resource.name].map { (resource, $0) } }
    let answers = await due.map(\.1).concurrentMap(atMost: concurrency) { await $0.check() }
    var isGood = true
    for ((resource, _), answer) in zip(due, answers) {
      func say(_ severity: Diagnostic.Severity, _ text: String) -> String {
        Diagnostic(severity, at: resource.location, "store `\(resource.name)` \(text)").description
      }
      switch answer {
      case .success(let proof):
        print("\(resource.location.file):\(resource.location.line): store `\(resource.name)` works: \(proof.shown)")
        if let doubt = proof.doubt { print(say(.warning, "is not wholly checked: \(doubt)")) }
      case .failure(let error):
        writeError(say(.error, "cannot be used: \(error.reason)"))
        isGood = false
      }
    }
    return isGood
  }
}
