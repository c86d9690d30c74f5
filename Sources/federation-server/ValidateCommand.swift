import CommandLineFlags
import Resources

/// `federation-server validate`: checks manifests without serving them.
enum ValidateCommand {
  static let usage = """
    usage: federation-server validate --config DIR
      Prints `FILE:LINE: MESSAGE` for each error (stderr) and warning (stdout). Exit 1 when there is an error.
    """

  static func run(_ arguments: [String]) throws(UsageError) -> Int32 {
    let flags = try FlagParser(flags: [.init("config")]).parse(arguments)
    if let word = flags.operands.first { throw UsageError("unexpected word \"\(word)\"") }
    let (manifests, diagnostics) = ManifestLoader.load(directory: try flags.required("config"))
    let errors = diagnostics.filter { $0.severity == .error }
    for diagnostic in diagnostics where diagnostic.severity == .warning { print(diagnostic) }
    for error in errors { writeError(error.description) }
    guard errors.isEmpty else { return 1 }
    print(
      "valid: \(manifests.federations.count) federations, \(manifests.authorizations.count) authorizations, "
        + "\(manifests.clusterSecretStores.count) stores, \(manifests.generators.count) generators")
    return 0
  }
}
