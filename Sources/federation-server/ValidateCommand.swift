import CommandLineFlags
import HTTPClient
import Logging
import Providers
import Resources

/// `federation-server validate`: checks manifests without serving them.
enum ValidateCommand {
  /// How many stores are asked at once.
  private static let concurrency = 16

  static let usage = """
    usage: federation-server validate --config DIR [--online]
      --online   logs in to the backend of each store whose values are fetched, and makes one harmless call at what serves
                 them; to a webhook it only connects
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

  /// Whether every store's backend can be used; prints what was asked, and what is wrong with those that cannot.
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
    let due = manifests.clusterSecretStores.compactMap { resource in stores[resource.name].map { (resource, $0) } }
    let answers = await answers(of: due.map(\.1))
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

  /// What each store's check has shown, in the order of `stores`. Several are asked at once: one whose backend hangs takes
  /// its own time and not the others'.
  private static func answers(of stores: [RemoteStore]) async -> [Result<BackendProof, BackendError>] {
    await withTaskGroup(of: (Int, Result<BackendProof, BackendError>).self) { group in
      var answers = [Int: Result<BackendProof, BackendError>]()
      for (index, store) in stores.enumerated() {
        if index >= concurrency, let (done, answer) = await group.next() { answers[done] = answer }
        group.addTask { (index, await store.check()) }
      }
      for await (done, answer) in group { answers[done] = answer }
      return stores.indices.compactMap { answers[$0] }
    }
  }
}
