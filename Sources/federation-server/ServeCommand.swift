import CLinux
import CommandLineFlags
import Crypto
import Glibc
import FederationAPI
import Threads
import FederationServer
import Logging
import Transport

/// `federation-server serve`: runs until SIGTERM or SIGINT.
enum ServeCommand {
  static let usage = """
    usage: federation-server serve --config DIR --listen HOST:PORT --tls-cert FILE --tls-key FILE [flags]
           federation-server serve --kubernetes --listen HOST:PORT --tls-cert FILE --tls-key FILE [flags]
      --config DIR            YAML manifests, read recursively and watched
      --listen HOST:PORT      where to serve all wires over TLS; port 0 picks a free one
      --tls-cert FILE         PEM certificate chain, leaf first
      --tls-key FILE          its PEM private key
      --data DIR              embedded encrypted store and ledger; generators need it, or --ledger
      --tls-min-version V     1.3 (default) or 1.2
      --http-listen HOST:PORT the HTTP gateway without TLS, loopback only
      --allow-plaintext       lets --http-listen use another address than loopback
      --max-connections N     connections at once, default 20000
      --connections-per-address N
                              new connections a second from one address, default 200, 20 s of them at once; 0 for
                              no limit
      --open-connections-per-address N
                              connections at once from one address, default 4096 and at most a quarter of
                              --max-connections; 0 for no limit
      --loops N               event loops, default one for each core
      --drain-seconds S       how long SIGTERM waits for running calls, default 10
      --log-level LEVEL       debug, info (default), warn or error
    \(CallLimitFlags.usage)
    \(IssuanceFlags.usage)
    \(WatchFlags.usage)
    \(OriginFlags.usage)
    \(SPIFFEFlags.usage)
    \(MetricsFlags.usage)
    When it can serve it prints `ready listen=HOST:PORT`, with ` spiffe=HOST:PORT` and ` metrics=HOST:PORT` behind it where
    these are served.
    SIGHUP reloads manifests and certificates.
    """

  private static let parser = FlagParser(
    flags: [
      .init("listen"), .init("tls-cert"), .init("tls-key"), .init("data"), .init("tls-min-version"),
      .init("http-listen"), .init("allow-plaintext", takesValue: false), .init("max-connections"),
      .init("connections-per-address"), .init("open-connections-per-address"), .init("loops"), .init("drain-seconds"),
      .init("log-level"),
    ] + CallLimitFlags.flags + IssuanceFlags.flags + WatchFlags.flags + OriginFlags.flags + SPIFFEFlags.flags
      + MetricsFlags.flags)

  /// What a running server acts on; to be blocked before the program's first thread is made.
  static let signals = [SIGTERM, SIGINT, SIGHUP]

  static func run(_ arguments: [String]) async throws(UsageError) -> Int32 {
    let flags = try parser.parse(arguments)
    if let word = flags.operands.first { throw UsageError("unexpected word \"\(word)\"") }
    let configuration = try configuration(flags)
    let log = Log(level: try level(flags))
    // Secrets must not end up in a core file, nor in reach of another process of the same user.
    _ = clinux_leave_memory_out_of_cores()
    _ = clinux_set_undumpable()
    PrivateKeyMemory.protect(connections: configuration.limits.maximumConnections)
    clinux_raise_descriptor_limit()
    do throws(ThreadError) {
      return await ServeRun(signals: try SignalStream.of(Self.signals), log: log).run(configuration)
    } catch {
      writeError("federation-server: \(error)")
      return 1
    }
  }

  private static func configuration(_ flags: FlagParser.Parsed) throws(UsageError) -> ServerConfiguration {
    let listen = try ListenFlag(flags.required("listen"), flag: "listen")
    var configuration = ServerConfiguration(
      origin: try OriginFlags.origin(flags), host: listen.host, port: listen.port,
      certificateFile: try flags.required("tls-cert"), keyFile: try flags.required("tls-key"),
      dataDirectory: flags.values["data"])
    if let text = flags.values["tls-min-version"] {
      guard let version = TLSVersion(rawValue: text) else { throw UsageError("--tls-min-version must be 1.2 or 1.3") }
      configuration.minimumTLSVersion = version
    }
    if let text = flags.values["http-listen"] {
      let plain = try ListenFlag(text, flag: "http-listen")
      guard flags.values["allow-plaintext"] != nil || plain.isLoopback else {
        throw UsageError(
          "--http-listen \(text) would carry tokens and secrets in the clear beyond this machine; "
            + "use a loopback address, or --allow-plaintext if something else protects that network")
      }
      configuration.plaintextAddress = (plain.host, plain.port)
    }
    if let count = try flags.integer("max-connections", in: 1...1_000_000) {
      configuration.limits.maximumConnections = count
    }
    try limitAddresses(flags, &configuration.limits)
    if let count = try flags.integer("loops", in: 1...256) { configuration.loops = count }
    if let seconds = try flags.seconds("drain-seconds", in: 0...600) { configuration.drainSeconds = seconds }
    try CallLimitFlags.apply(flags, to: &configuration)
    try IssuanceFlags.apply(flags, to: &configuration)
    try WatchFlags.apply(flags, to: &configuration)
    try SPIFFEFlags.apply(flags, to: &configuration)
    try MetricsFlags.apply(flags, to: &configuration)
    return configuration
  }

  private static func limitAddresses(
    _ flags: FlagParser.Parsed, _ limits: inout ListenerLimits
  ) throws(UsageError) {
    if let rate = try flags.integer("connections-per-address", in: 0...1_000_000) {
      let perSecond = Double(rate)
      limits.connectionsPerAddress =
        rate == 0 ? nil : RateBudget.Allowance(burst: 20 * perSecond, perSecond: perSecond)
    }
    if let count = try flags.integer("open-connections-per-address", in: 0...1_000_000) {
      limits.openConnectionsPerAddress = count == 0 ? nil : count
    } else {
      // One address alone must not fill the table.
      limits.openConnectionsPerAddress = limits.openConnectionsPerAddress.map {
        min($0, max(1, limits.maximumConnections / 4))
      }
    }
  }

  private static func level(_ flags: FlagParser.Parsed) throws(UsageError) -> LogLevel {
    guard let text = flags.values["log-level"] else { return .info }
    guard let level = LogLevel.allCases.first(where: { $0.name == text }) else {
      throw UsageError("--log-level must be debug, info, warn or error, not \"\(text)\"")
    }
    return level
  }
}
