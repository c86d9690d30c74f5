import CLinux
import CommandLineFlags
import Ledger

/// The command line of `federation-server audit`.
struct AuditOptions {
  static let usage = """
    usage: federation-server audit WHERE [flags]

    WHERE is one of
    \(LedgerFlags.usage)
    flags
      --since T               not older than T: an age such as 90s, 15m, 1h or 7d, or RFC 3339
      --until T               older than T
      --action A              \(AuditEntry.Action.allCases.map(\.rawValue).joined(separator: ", "))
      --outcome O             ok, or an error's name such as PERMISSION_DENIED
      --subject SUBJECT       by whom, exactly
      --target TARGET         on what, exactly, for example store/key
      --limit N               the newest N, default 100
      --output table|json     json is one object a line
      --follow                goes on with what is new, asking each second, until SIGINT or SIGTERM

    """

  let location: LedgerLocation
  private(set) var filter = AuditFilter()
  let limit: Int
  let isJSON: Bool
  let isFollowing: Bool

  /// Reads what follows `audit`; nil when help was asked for.
  init?(_ arguments: [String]) throws(UsageError) {
    if ["help", "-h"].contains(arguments.first) { return nil }
    let names = LedgerFlags.names + ["since", "until", "action", "outcome", "subject", "target", "limit", "output"]
    let flags = names.map { FlagParser.Flag($0) } + ["follow", "help"].map { .init($0, takesValue: false) }
    let line = try FlagParser(flags: flags).parse(arguments)
    if line.values["help"] != nil { return nil }
    if let word = line.operands.first { throw UsageError("unexpected word \"\(word)\"") }
    isFollowing = line.values["follow"] != nil
    if isFollowing, line.values["until"] != nil { throw UsageError("--follow has no --until") }
    location = try LedgerFlags.location(line)
    limit = try line.integer("limit", in: 1...1_000_000) ?? 100
    isJSON = try line.wantsJSON()
    filter.sinceMilliseconds = try Self.time(line, "since")
    filter.untilMilliseconds = try Self.time(line, "until")
    filter.outcome = line.values["outcome"]
    filter.subject = line.values["subject"]
    filter.target = line.values["target"]
    guard let text = line.values["action"] else { return }
    guard let action = AuditEntry.Action(rawValue: text) else {
      let known = AuditEntry.Action.allCases.map(\.rawValue).joined(separator: ", ")
      throw UsageError("--action takes one of \(known)")
    }
    filter.action = action
  }

  private static func time(_ line: FlagParser.Parsed, _ name: String) throws(UsageError) -> Int64? {
    guard let text = line.values[name] else { return nil }
    let now = Int64(clinux_clock_ns(CLOCK_REALTIME) / 1_000_000)
    guard let time = Timestamp.milliseconds(text, nowMilliseconds: now) else {
      throw UsageError("--\(name) takes an age such as 1h, or RFC 3339 such as 2026-01-31T00:00:00Z")
    }
    return time
  }
}
