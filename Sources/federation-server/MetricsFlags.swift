import CommandLineFlags
import FederationServer

/// The flags of `serve` for Prometheus and probes.
enum MetricsFlags {
  static let usage = """
      --metrics-listen HOST:PORT
                              /metrics for Prometheus, /healthz and /readyz for probes, without TLS, loopback only
      --allow-remote-metrics  lets --metrics-listen use another address than loopback, as a kubelet's probes need
    """

  static let flags: [FlagParser.Flag] = [
    .init("metrics-listen"), .init("allow-remote-metrics", takesValue: false),
  ]

  static func apply(_ line: FlagParser.Parsed, to configuration: inout ServerConfiguration) throws(UsageError) {
    guard let text = line.values["metrics-listen"] else {
      guard line.values["allow-remote-metrics"] == nil else {
        throw UsageError("--allow-remote-metrics needs --metrics-listen HOST:PORT")
      }
      return
    }
    let address = try ListenFlag(text, flag: "metrics-listen")
    guard line.values["allow-remote-metrics"] != nil || address.isLoopback else {
      throw UsageError(
        "--metrics-listen \(text) would tell everybody who reaches it the names of stores and how busy the server is; "
          + "use a loopback address, or --allow-remote-metrics if only Prometheus and probes reach it")
    }
    configuration.metricsAddress = (address.host, address.port)
  }
}
