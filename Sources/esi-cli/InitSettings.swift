import FederationAPI
import FederationClient
import Glibc

/// A checked command line of `--mode=init`.
struct InitSettings: Sendable {
  var configuration: FederationClientConfiguration
  var plan: InjectionPlan
  var binaryPath: String
  var arguments: [String]
  var fileAttributes: FileAttributes
  /// What the user should know although the program can go on.
  var warnings: [String] = []

  /// Checks `options` as a whole; throws a usage error that names the flag to change.
  init(_ options: CommandOptions) throws(Failure) {
    try Self.validateMode(options)
    try AuthenticationOptions.validate(options)
    try Self.refuseWhatIsNotBuilt(options)
    try Self.refuseDaemonFlags(options)
    binaryPath = try Self.binaryPath(options)
    arguments = CommandOptions.argumentList(options.args)
    fileAttributes = try FileFlags.attributes(options)
    configuration = try Self.configuration(options)
    do throws(InjectionError) {
      plan = try InjectionPlan(
        environment: options.injectOnEnv, files: options.injectOnFile, externalSecrets: options.externalSecrets,
        federatedStore: options.federatedStore, generators: try Self.generators(options))
    } catch {
      throw .usage(error.message)
    }
    guard !plan.secrets.isEmpty || !plan.generators.isEmpty else {
      throw .usage(
        "nothing to inject: give --inject-on-env, --inject-on-file, --external-secrets or --federated-generators")
    }
    warnings = Self.warnings(options, configuration)
  }

  /// What is worth a word about the connection and the files, although it can work.
  static func warnings(_ options: CommandOptions, _ configuration: FederationClientConfiguration) -> [String] {
    var warnings: [String] = []
    let certificate = options.federatedCACertificate
    // A server that is to prove a SPIFFE ID is judged by the bundle of its trust domain alone.
    let isJudgedByCA = configuration.spiffe?.serverID == nil && certificate != CommandOptions.defaultCACertificate
    if isJudgedByCA && !certificate.isEmpty && access(certificate, F_OK) != 0 {
      warnings.append("--federated-ca-crt \(certificate) does not exist: the system's roots verify the server")
    }
    if !configuration.server.usesTLS && !configuration.server.isLoopback {
      warnings.append("--federated-server-url is http://: the token and the secrets cross the network unencrypted")
    }
    return warnings + FileFlags.warnings(options)
  }

  private static func validateMode(_ options: CommandOptions) throws(Failure) {
    _ = try DurationFlag.seconds(options.daemonRefreshInterval, "daemon-refresh-interval", example: "30s or 1h30m")
    switch options.mode {
    case "init": return
    case "": throw .usage("--mode is required: --mode=init or --mode=daemon")
    default: throw .usage("--mode=\(options.mode) is not one of init, daemon")
    }
  }

  private static func refuseDaemonFlags(_ options: CommandOptions) throws(Failure) {
    let flags = [
      ("on-change-command", options.onChangeCommand), ("on-change-args", options.onChangeArgs),
      ("on-change-signal", options.onChangeSignal),
    ]
    guard let (flag, _) = flags.first(where: { !$0.1.isEmpty }) else { return }
    throw .usage("--\(flag) goes with --mode=daemon: in --mode=init files are written once, before the program starts")
  }

  static func refuseWhatIsNotBuilt(_ options: CommandOptions) throws(Failure) {
    guard !options.federatedServerURL.isEmpty else {
      throw .usage(
        "--federated-server-url is required: ExternalSecrets without a federation server are not in this version")
    }
  }

  private static func generators(_ options: CommandOptions) throws(InjectionError) -> [GeneratorReference] {
    let namespace = options.federatedGeneratorNamespace
    return try GeneratorList.parse(
      options.federatedGenerators, namespace: namespace.isEmpty ? options.namespace : namespace,
      kind: options.federatedGeneratorKind)
  }

  private static func binaryPath(_ options: CommandOptions) throws(Failure) -> String {
    guard !options.binaryPath.isEmpty else {
      throw .usage("--binary-path is required with --mode=init: the absolute path of the program to run")
    }
    guard options.binaryPath.hasPrefix("/") else {
      throw .usage("--binary-path=\(options.binaryPath) is not an absolute path")
    }
    return options.binaryPath
  }

  static func configuration(_ options: CommandOptions) throws(Failure) -> FederationClientConfiguration {
    guard let transport = FederationTransport(rawValue: options.federatedTransport) else {
      throw .usage("--federated-transport=\(options.federatedTransport) is not one of auto, rpc, grpc, http")
    }
    let timeout = try DurationFlag.seconds(options.federatedTimeout, "federated-timeout", example: "30s or 1m30s")
    let server: ServerAddress
    do throws(RPCError) {
      server = try ServerAddress(parsing: options.federatedServerURL)
    } catch {
      throw .usage("--federated-server-url: \(error.message)")
    }
    var configuration = FederationClientConfiguration(
      server: server, transport: transport, token: AuthenticationOptions.tokenSource(options),
      workloadToken: workloadToken(options),
      caFile: options.federatedCACertificate.isEmpty ? nil : options.federatedCACertificate,
      timeoutSeconds: timeout)
    configuration.spiffe = try SPIFFEOptions.access(options)
    return configuration
  }

  private static func workloadToken(_ options: CommandOptions) -> TokenSource? {
    if !options.workloadToken.isEmpty { return .fixed(options.workloadToken) }
    return options.workloadTokenPath.isEmpty ? nil : .file(options.workloadTokenPath)
  }
}
