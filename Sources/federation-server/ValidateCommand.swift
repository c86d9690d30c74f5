import CommandLineFlags
import HTTPClient
import Logging
import Providers
import Resources

/// `federation-server validate`: checks manifests without serving them.
enum ValidateCommand {
  static let usage = """
    usage: federation-server validate --config DIR [--online]
      --online   logs in to the backend of each store whose values are fetched, and makes one harmless call
      Prints `FILE:LINE: MESSAGE` for each error (stderr) and warning (stdout). Exit 1 when there is an error.
    """

  static func run(_ arguments: [String]) async throws(UsageError) -> Int32 {
    let flags = try FlagParser(flags: [.init("config"), .init("online", takesValue: false)]).parse(arguments)
    if let word = flags.operands.first { throw UsageError("unexpected word \"\(word)\"") }
    let (manifests, diagnostics) = ManifestLoader.load(directory: try flags.required("config"))
    let errors = diagnostics.filter { $0.severity == .error }
    for diagnostic in diagnostics where diagnostic.severity == .warning { print(diagnostic) }
    for error in errors { writeError(error.description) }
    guard errors.isEmpty else { return 1 }
    if flags.values["online"] != nil, await !checkStores(of: manifests) { return 1 }
    print(
      "valid: \(manifests.federations.count) federations, \(manifests.authorizations.count) authorizations, "
        + "\(manifests.clusterSecretStores.count) stores, \(manifests.generators.count) generators")
    return 0
  }

  /// Whether every store's backend can be used; prints what is wrong with those that cannot.
  private static func checkStores(of manifests: Manifests) async -> Bool {
    let client: HTTPClient
    do {
      client = try HTTPClient(log: Log(level: .error))
    } catch {
      writeError("federation-server: \(error)")
      return false
    }
    defer { client.close() }
    // What it would log is printed, with the manifest's place.
    let remote = RemoteStores(client: client, log: Log(level: .error))
    defer { remote.close() }
    let stores = remote.stores(of: manifests)
    var isGood = true
    for resource in manifests.clusterSecretStores {
      guard let store = stores[resource.name] else { continue }
      if let reason = await store.check() {
        writeError(
          Diagnostic(.error, at: resource.location, "store `\(resource.name)` cannot be used: \(reason)").description)
        isGood = false
      }
    }
    return isGood
  }
}
