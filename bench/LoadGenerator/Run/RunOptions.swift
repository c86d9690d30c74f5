/// What `federation-bench run` is asked to do.
package struct RunOptions: Sendable {
  /// What the server is asked over.
  package enum Wire: String, Sendable, CaseIterable { case ttrpc, grpc, http }
  /// How calls say who they are from.
  package enum Identity: String, Sendable, CaseIterable { case token, bound }
  /// When calls are sent: as answers come, or by a schedule.
  package enum Mode: String, Sendable, CaseIterable { case closed, open }
  /// Which tokens one connection uses.
  package enum TokenChoice: String, Sendable, CaseIterable { case one, all }

  package var wire = Wire.ttrpc
  package var host = ""
  package var port: UInt16 = 0
  package var caFile = ""
  package var serverName: String?
  package var tokensFile = ""
  package var freshTokensFile: String?
  package var store = "bench"
  package var keysPerStore: Int?
  package var connections = 1
  package var inFlight = 1
  package var duration = 3.0
  /// How many calls are made in all; nil for as many as the duration allows.
  package var calls: Int?
  package var warmUp = 1.0
  package var values = ValueRule(size: 64)
  package var keys = 1
  package var distribution = KeyDistribution.uniform
  package var serverPID: Int32?
  package var jsonFile: String?
  package var identity = Identity.token
  package var mode = Mode.closed
  /// Calls a second over all connections; open loop only.
  package var rate: Double?
  /// Percent of calls that are Authenticate.
  package var authenticatePercent = 0.0
  package var newConnectionPercent = 0.0
  package var newTokenPercent = 0.0
  package var tokenChoice = TokenChoice.one
  package var measuresHandshakes = false
  package var idle = 0
  package var showsProgress = false
  package var seed: UInt64 = 1

  /// What `--help` prints.
  package static let usage = """
    usage: federation-bench run --target HOST:PORT --ca FILE --tokens FILE [flags]
      --wire ttrpc|grpc|http      default ttrpc
      --server-name NAME          name in the server's certificate, default the target's host
      --store NAME                default bench
      --keys N                    keys key-0 to key-(N-1), default 1
      --keys-per-store N          key k is in store NAME, or NAME-(k / N) when that is not 0
      --key-distribution D        uniform (default) or zipf (exponent 0.99)
      --value-size N              bytes of each value, default 64
      --value-sizes S:W,S:W…      sizes with weights, as `manifests` was given them
      --connections N             default 1
      --in-flight N               calls under way on each connection, default 1
      --duration S, --warm-up S   measured seconds, default 3, after unmeasured ones, default 1
      --calls N                   exactly N calls, all measured; --duration is then the most that they may take
      --mode closed|open          closed (default): the next call when an answer comes; open: by a schedule
      --rate R                    calls a second over all connections, for --mode open
      --identity token|bound      bound: Authenticate first, then calls without a token (ttrpc)
      --tokens-per-connection one|all   one (default): connection i uses token i; all: a random one for each call
      --mix get=90,authenticate=10      what calls ask (Authenticate: ttrpc, grpc)
      --new-connections PERCENT   calls that go over a connection made for them
      --new-tokens PERCENT        calls with a token of --fresh-tokens FILE, each used once
      --handshakes                no calls: connect, shake hands fully, close, --connections N at a time
      --idle N                    further connections, held open without calls after one each
      --server-pid PID            whose CPU time and memory to report
      --json FILE                 where the figures go
      --progress                  a line each second on stderr
      --seed N                    of keys and tokens, default 1
    Exits with 1 when an answer was wrong or missing.
    """

  private static let flags = [
    "wire", "target", "ca", "server-name", "tokens", "store", "keys", "keys-per-store", "key-distribution",
    "value-size", "value-sizes", "connections", "in-flight", "duration", "calls", "warm-up", "mode", "rate", "identity",
    "tokens-per-connection", "mix", "new-connections", "new-tokens", "fresh-tokens", "idle", "server-pid", "json",
    "seed",
  ]

  /// The defaults, for tests and for ``init(arguments:)`` to change.
  package init() {}

  /// Reads the words behind `run`.
  package init(arguments: [String]) throws(UsageError) {
    let flags = try Arguments(arguments, flags: Self.flags, switches: ["handshakes", "progress"])
    try readTarget(flags)
    try readLoad(flags)
    try readChoices(flags)
    try check()
  }

  private mutating func readTarget(_ flags: Arguments) throws(UsageError) {
    let target = try flags.required("target")
    guard let colon = target.lastIndex(of: ":"), colon != target.startIndex,
      let port = UInt16(target[target.index(after: colon)...]), port > 0
    else { throw UsageError("--target must be HOST:PORT, for example 127.0.0.1:8443, not \"\(target)\"") }
    host = String(target[..<colon])
    self.port = port
    caFile = try flags.required("ca")
    serverName = flags.text("server-name")
    measuresHandshakes = flags.has("handshakes")
    tokensFile = measuresHandshakes ? flags.text("tokens") ?? "" : try flags.required("tokens")
    wire = try flags.choice("wire", Wire.self) ?? wire
    serverPID = try flags.integer("server-pid", in: 1...Int(Int32.max)).map { Int32($0) }
    jsonFile = flags.text("json")
    showsProgress = flags.has("progress")
  }

  private mutating func readLoad(_ flags: Arguments) throws(UsageError) {
    connections = try flags.integer("connections", in: 1...100_000) ?? connections
    inFlight = try flags.integer("in-flight", in: 1...65_536) ?? inFlight
    duration = try flags.number("duration", in: 0.05...86_400) ?? duration
    calls = try flags.integer("calls", in: 1...Int(Int32.max))
    warmUp = calls == nil ? try flags.number("warm-up", in: 0...3_600) ?? warmUp : 0
    mode = try flags.choice("mode", Mode.self) ?? mode
    rate = try flags.number("rate", in: 0.1...1e8)
    idle = try flags.integer("idle", in: 0...1_000_000) ?? idle
    newConnectionPercent = try flags.number("new-connections", in: 0...100) ?? 0
    newTokenPercent = try flags.number("new-tokens", in: 0...100) ?? 0
    freshTokensFile = flags.text("fresh-tokens")
    seed = UInt64(try flags.integer("seed", in: 0...Int.max) ?? 1)
  }

  private mutating func readChoices(_ flags: Arguments) throws(UsageError) {
    store = flags.text("store") ?? store
    keys = try flags.integer("keys", in: 1...100_000_000) ?? keys
    keysPerStore = try flags.integer("keys-per-store", in: 1...100_000_000)
    distribution = try flags.choice("key-distribution", KeyDistribution.self) ?? distribution
    values = try flags.valueRule()
    identity = try flags.choice("identity", Identity.self) ?? identity
    tokenChoice = try flags.choice("tokens-per-connection", TokenChoice.self) ?? tokenChoice
    if let mix = flags.text("mix") { authenticatePercent = try Self.authenticatePercent(mix) }
  }

  /// `get=90,authenticate=10`: weights, not necessarily of 100.
  private static func authenticatePercent(_ mix: String) throws(UsageError) -> Double {
    var weights: [String: Double] = [:]
    for part in mix.split(separator: ",", omittingEmptySubsequences: false) {
      let pair = part.split(separator: "=", omittingEmptySubsequences: false)
      guard pair.count == 2, ["get", "authenticate"].contains(pair[0]), weights[String(pair[0])] == nil,
        let weight = Double(pair[1]), (0...1e6).contains(weight)
      else { throw UsageError("--mix must be like get=90,authenticate=10, not \"\(mix)\"") }
      weights[String(pair[0])] = weight
    }
    let total = weights.values.reduce(0, +)
    guard total > 0 else { throw UsageError("--mix asks for nothing") }
    return 100 * (weights["authenticate"] ?? 0) / total
  }

  private func check() throws(UsageError) {
    if (rate != nil) != (mode == .open) { throw UsageError("--rate and --mode open need each other") }
    if calls != nil, mode == .open { throw UsageError("--calls needs --mode closed") }
    if wire != .ttrpc, identity == .bound { throw UsageError("--identity bound needs --wire ttrpc") }
    if wire == .http, authenticatePercent > 0 { throw UsageError("--mix with authenticate needs --wire ttrpc or grpc") }
    if identity == .bound, newTokenPercent > 0 { throw UsageError("--new-tokens needs --identity token") }
    if identity == .bound, authenticatePercent > 0 {
      throw UsageError("--mix with authenticate needs --identity token")
    }
    if identity == .bound, tokenChoice == .all {
      throw UsageError("--tokens-per-connection all needs --identity token")
    }
    if (freshTokensFile != nil) != (newTokenPercent > 0) {
      throw UsageError("--new-tokens and --fresh-tokens need each other")
    }
    if measuresHandshakes, mode == .open || idle > 0 || newConnectionPercent > 0 || newTokenPercent > 0 {
      throw UsageError(
        "--handshakes makes no calls: it goes with none of --rate, --idle, --new-connections, --new-tokens")
    }
  }
}
