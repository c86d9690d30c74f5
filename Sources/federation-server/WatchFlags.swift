import CommandLineFlags
import FederationServer

/// The flags of `serve` for WatchSecrets.
enum WatchFlags {
  static let usage = """
      --watch-heartbeat S     seconds without a message after which a watch gets a heartbeat, 1 to 60, default 30
      --watch-poll S          how often a watched value is read again whose store cannot tell of changes, default 60
      --max-watches N         watches at once, default 20000
    """

  static let flags: [FlagParser.Flag] = [.init("watch-heartbeat"), .init("watch-poll"), .init("max-watches")]

  static func apply(_ line: FlagParser.Parsed, to configuration: inout ServerConfiguration) throws(UsageError) {
    // Clients take a server for dead that is silent for much longer.
    if let seconds = try line.seconds("watch-heartbeat", in: 1...60) {
      configuration.watching.heartbeatSeconds = seconds
    }
    if let seconds = try line.seconds("watch-poll", in: 1...86_400) { configuration.watching.pollSeconds = seconds }
    if let count = try line.integer("max-watches", in: 1...1_000_000) { configuration.watching.maximumWatches = count }
  }
}
