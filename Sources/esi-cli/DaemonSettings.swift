import FederationClient

/// A checked command line of `--mode=daemon`.
struct DaemonSettings: Sendable {
  var configuration: FederationClientConfiguration
  var plan: InjectionPlan
  var intervalSeconds: Double
  var fileAttributes: FileAttributes
  var command: ChangeCommand?
  var signal: ChangeSignal?
  /// What the user should know although the daemon can go on.
  var warnings: [String]

  /// Checks `options` as a whole; throws a usage error that names the flag to change. `environment` is what a command
  /// that is run after a change gets.
  init(_ options: CommandOptions, environment: [[UInt8]]) throws(Failure) {
    let interval = options.daemonRefreshInterval
    intervalSeconds = try DurationFlag.seconds(interval, "daemon-refresh-interval", example: "30s or 1h30m")
    guard intervalSeconds >= 1 else { throw .usage("--daemon-refresh-interval=\(interval) is shorter than 1s") }
    try AuthenticationOptions.validate(options)
    try InitSettings.refuseWhatIsNotBuilt(options)
    try Self.refuseInitFlags(options)
    configuration = try InitSettings.configuration(options)
    fileAttributes = try FileFlags.attributes(options)
    command = try ChangeCommand(options, environment: environment)
    signal = try options.onChangeSignal.isEmpty ? nil : ChangeSignal(parsing: options.onChangeSignal)
    do throws(InjectionError) {
      plan = try InjectionPlan(
        files: options.injectOnFile, externalSecrets: options.externalSecrets, federatedStore: options.federatedStore,
        setsVariables: false)
    } catch {
      throw .usage(error.message)
    }
    guard !plan.files.isEmpty else {
      throw .usage("--mode=daemon needs --inject-on-file: the files to keep fresh, as /path=secretName.key")
    }
    warnings = InitSettings.warnings(options, configuration)
  }

  private static func refuseInitFlags(_ options: CommandOptions) throws(Failure) {
    let needsInit = [
      (
        "inject-on-env", !options.injectOnEnv.isEmpty,
        "a running program's environment cannot be changed; use --inject-on-file, or --mode=init"
      ),
      (
        "federated-generators", !options.federatedGenerators.isEmpty,
        "every refresh would issue one more credential; use --mode=init"
      ),
      (
        "binary-path", !options.binaryPath.isEmpty,
        "a daemon runs no program; use --mode=init, or --on-change-command for what to run after a change"
      ),
      ("args", !options.args.isEmpty, "a daemon runs no program; use --mode=init, or --on-change-args"),
    ]
    guard let (flag, _, advice) = needsInit.first(where: { $0.1 }) else { return }
    throw .usage("--\(flag) does not go with --mode=daemon: \(advice)")
  }
}
