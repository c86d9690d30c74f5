import CommandLineFlags
import Glibc
import Logging
import Reconciler

/// The command line of `ese-agent`.
struct AgentOptions: Sendable {
  static let usage = """
    usage: ese-agent --manifests DIR --output DIR [flags]
      --manifests DIR         FederationStore, ExternalSecret, Secret, ConfigMap and Federation manifests, read
                              recursively and watched
      --output DIR            where each target Secret is written, as NAMESPACE/NAME.yaml of mode 0600
      --output-format FORMAT  secret (default): a Secret manifest; store: a ClusterSecretStore manifest that another
                              federation server serves
      --status DIR            where each ExternalSecret's status is kept, default OUTPUT/.status
      --once                  reconciles everything once and exits: 0 when all is well, 1 when something failed
      --workers N             ExternalSecrets that are worked on at once, default 8
      --log-level LEVEL       debug, info (default), warn or error
    When every ExternalSecret has been tried once it prints `ready`. SIGHUP reads the manifests again; SIGTERM
    finishes what is worked on and exits 0.
    """

  private static let parser = FlagParser(
    flags: [
      .init("manifests"), .init("output"), .init("output-format"), .init("status"), .init("once", takesValue: false),
      .init("workers"), .init("log-level"), .init("help", takesValue: false),
    ])

  let manifestDirectory: String
  let outputDirectory: String
  let format: TargetFormat
  let statusDirectory: String
  let isOnce: Bool
  let workers: Int
  let logLevel: LogLevel

  init(_ arguments: [String]) throws(UsageError) {
    let line = try Self.parser.parse(arguments)
    if let word = line.operands.first { throw UsageError("unexpected word \"\(word)\"") }
    manifestDirectory = try line.required("manifests")
    outputDirectory = Self.absolute(try line.required("output"))
    statusDirectory = line.values["status"].map(Self.absolute) ?? outputDirectory + "/.status"
    isOnce = line.values["once"] != nil
    workers = try line.integer("workers", in: 1...256) ?? 8
    let format = line.values["output-format"] ?? TargetFormat.secret.rawValue
    guard let format = TargetFormat(rawValue: format) else {
      throw UsageError("--output-format takes secret or store, not \"\(format)\"")
    }
    self.format = format
    let level = line.values["log-level"] ?? LogLevel.info.name
    guard let level = LogLevel.allCases.first(where: { $0.name == level }) else {
      throw UsageError("--log-level must be debug, info, warn or error, not \"\(level)\"")
    }
    logLevel = level
  }

  /// Files are written by absolute path: what is created on the way is created from the root on.
  private static func absolute(_ path: String) -> String {
    var path = path
    while path.hasSuffix("/"), path.utf8.count > 1 { path.removeLast() }
    if path.hasPrefix("/") { return path }
    guard let here = getcwd(nil, 0) else { return path }
    defer { free(here) }
    return "\(String(cString: here))/\(path)"
  }
}
