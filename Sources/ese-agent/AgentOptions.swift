import CommandLineFlags
import FederationAPI
import FederationClient
import Glibc
import Logging
import Reconciler

/// The command line of `ese-agent`.
struct AgentOptions: Sendable {
  static let usage = """
    usage: ese-agent --manifests DIR --output DIR [flags]
           ese-agent --kubernetes [flags]
    with files
      --manifests DIR         FederationStore, ExternalSecret, Secret, ConfigMap and Federation manifests, read
                              recursively and watched
      --output DIR            where each target Secret is written, as NAMESPACE/NAME.yaml of mode 0600; one agent at a
                              time may write there
      --output-format FORMAT  secret (default): a Secret manifest; store: a ClusterSecretStore manifest that another
                              federation server serves
      --status DIR            where each ExternalSecret's status is kept, default OUTPUT/.status
      --once                  reconciles everything once and exits: 0 when all is well, 1 when something failed
    in a cluster
      --kubernetes            resources and Secrets are those of a cluster: the one the agent runs in, or that of
                              $KUBECONFIG
      --kubeconfig FILE       the cluster of that kubeconfig file
      --context NAME          that context of it, in place of its current one
      --namespace NAME        the ExternalSecrets of that namespace alone
      --leader-elect          of several agents one works, by the Lease `ese-agent` in that namespace, or in the
                              agent's own
      --own-identity-server URL  a server that FederationStores may have the agent's own token or SVID shown to; may be
                              given several times. Without it, to none
    flags
      --workers N             ExternalSecrets that are worked on at once, default 8
      --log-level LEVEL       debug, info (default), warn or error
    When every ExternalSecret has been tried once it prints `ready`. SIGHUP reads the manifests again; SIGTERM
    finishes what is worked on and exits 0.
    """

  /// Where resources are, and where Secrets go.
  enum Mode: Sendable {
    case files(FileMode)
    case kubernetes(KubernetesMode)
  }

  struct FileMode: Sendable {
    var manifestDirectory: String
    var outputDirectory: String
    var format: TargetFormat
    var statusDirectory: String
    var isOnce: Bool
  }

  struct KubernetesMode: Sendable {
    var cluster: ClusterFlags
    var electsLeader: Bool
    var ownIdentityServers: Set<ServerAddress>
  }

  private static let fileFlags = ["manifests", "output", "output-format", "status"]
  private static let ownIdentityServer = "own-identity-server"
  private static let parser = FlagParser(
    flags: (fileFlags + ["workers", "log-level", ownIdentityServer]).map { FlagParser.Flag($0) } + ClusterFlags.flags
      + ["once", "leader-elect", "help"].map { .init($0, takesValue: false) })

  let mode: Mode
  let workers: Int
  let logLevel: LogLevel

  init(_ arguments: [String]) throws(UsageError) {
    let line = try Self.parser.parse(arguments)
    if let word = line.operands.first { throw UsageError("unexpected word \"\(word)\"") }
    if let cluster = try ClusterFlags(line, further: ["leader-elect", Self.ownIdentityServer]) {
      mode = .kubernetes(try Self.kubernetes(cluster, line))
    } else {
      mode = .files(try Self.files(line))
    }
    workers = try line.integer("workers", in: 1...256) ?? 8
    let level = line.values["log-level"] ?? LogLevel.info.name
    guard let level = LogLevel.allCases.first(where: { $0.name == level }) else {
      throw UsageError("--log-level must be debug, info, warn or error, not \"\(level)\"")
    }
    logLevel = level
  }

  private static func files(_ line: FlagParser.Parsed) throws(UsageError) -> FileMode {
    guard line.values["manifests"] != nil || line.values["output"] != nil else {
      throw UsageError("--manifests DIR and --output DIR are required, or --kubernetes for the resources of a cluster")
    }
    let output = absolute(try line.required("output"))
    let format = line.values["output-format"] ?? TargetFormat.secret.rawValue
    guard let format = TargetFormat(rawValue: format) else {
      throw UsageError("--output-format takes secret or store, not \"\(format)\"")
    }
    return FileMode(
      manifestDirectory: try line.required("manifests"), outputDirectory: output, format: format,
      statusDirectory: line.values["status"].map(absolute) ?? output + "/.status", isOnce: line.values["once"] != nil)
  }

  private static func kubernetes(
    _ cluster: ClusterFlags, _ line: FlagParser.Parsed
  ) throws(UsageError) -> KubernetesMode {
    for flag in fileFlags + ["once"] where line.values[flag] != nil {
      throw UsageError("--\(flag) is for files, not for --kubernetes")
    }
    var servers: Set<ServerAddress> = []
    for url in line.lists[ownIdentityServer] ?? [] {
      do throws(RPCError) {
        let address = try ServerAddress(parsing: url)
        guard address.usesTLS else { throw RPCError(.invalidArgument, "the server URL is not https") }
        servers.insert(address)
      } catch {
        throw UsageError("--\(ownIdentityServer): \(error.message)")
      }
    }
    return KubernetesMode(
      cluster: cluster, electsLeader: line.values["leader-elect"] != nil, ownIdentityServers: servers)
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
