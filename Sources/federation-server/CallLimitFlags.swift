import CommandLineFlags
import FederationServer

/// The flags of `serve` for how much one caller may ask.
enum CallLimitFlags {
  static let usage = """
      --requests-per-identity N
                              calls a second of one identity, two seconds' worth at once, default 50000; 0 for no limit
      --requests-per-address N
                              the same for one address, default 200000
      --failures-per-address N
                              tokens a minute from one address that may be refused, default 600; past it only tokens
                              that are known already are accepted; 0 for no limit
      --waiting-per-identity N
                              calls of one identity that wait for backends at once, default 512; 0 for no limit
      --waiting-per-address N the same for one address, default 2048
    """

  private static let members: [(name: String, member: WritableKeyPath<ServerConfiguration, Int> & Sendable)] = [
    ("requests-per-identity", \.callLimits.requestsPerIdentity),
    ("requests-per-address", \.callLimits.requestsPerAddress),
    ("failures-per-address", \.callLimits.failuresPerAddress),
    ("waiting-per-identity", \.callLimits.waitingPerIdentity),
    ("waiting-per-address", \.callLimits.waitingPerAddress),
  ]

  static let flags = members.map { FlagParser.Flag($0.name) }

  static func apply(_ line: FlagParser.Parsed, to configuration: inout ServerConfiguration) throws(UsageError) {
    for (name, member) in members {
      if let limit = try line.integer(name, in: 0...1_000_000) { configuration[keyPath: member] = limit }
    }
  }
}
