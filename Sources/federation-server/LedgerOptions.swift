import CommandLineFlags
import Ledger

/// The command line of `federation-server ledger`.
struct LedgerOptions {
  /// What to do.
  enum Action: Equatable {
    case list
    case show(name: String)
    /// By names, or by the filter when there are none.
    case revoke(names: [String])
    case export
  }

  static let usage = """
    usage: federation-server ledger list   WHERE [FILTER] [--output table|json]
           federation-server ledger show   WHERE [--output table|json] NAME
           federation-server ledger revoke WHERE NAME...
           federation-server ledger revoke WHERE FILTER --yes
           federation-server ledger export WHERE

    WHERE is one of
    \(LedgerFlags.usage)
    FILTER is any of
      --namespace NS          the generator's namespace
      --kind KIND             the generator's kind
      --name NAME             the generator's name
      --owner LABEL           the owner, as its label has it
      --phase P[,P]           pending, live or revoking
      --subject SUBJECT       who asked for it, exactly

    revoke marks the credentials; a running server's reaper then takes them back. export writes states, identities and
    the audit trail as JSON lines.

    """

  let action: Action
  let location: LedgerLocation
  private(set) var filter = StateFilter()
  let isJSON: Bool
  let isSure: Bool

  private static let filters = ["namespace", "kind", "name", "owner", "phase", "subject"]
  private static let flags: [String: [String]] = [
    "list": filters + ["output"], "show": ["output"], "revoke": filters, "export": [],
  ]

  /// Reads what follows `ledger`; nil when help was asked for.
  init?(_ arguments: [String]) throws(UsageError) {
    guard let verb = arguments.first else { throw UsageError("say list, show, revoke or export") }
    if ["help", "--help", "-h"].contains(verb) { return nil }
    guard let accepted = Self.flags[verb] else { throw UsageError("\"\(verb)\" is not list, show, revoke or export") }
    let switches = (verb == "revoke" ? ["yes"] : []) + ["help"]
    let flags =
      (LedgerFlags.names + accepted).map { FlagParser.Flag($0) } + switches.map { .init($0, takesValue: false) }
    let line = try FlagParser(flags: flags).parse(Array(arguments.dropFirst()))
    if line.values["help"] != nil { return nil }
    let operands = line.operands
    let isFiltered = Self.filters.contains { line.values[$0] != nil }
    switch (verb, operands.count) {
    case ("list", 0): action = .list
    case ("export", 0): action = .export
    case ("show", 1): action = .show(name: operands[0])
    case ("revoke", 0) where isFiltered: action = .revoke(names: [])
    case ("revoke", 1...) where !isFiltered: action = .revoke(names: operands)
    case ("revoke", _): throw UsageError("give NAMEs or a FILTER, not both")
    default: throw UsageError(verb == "show" ? "give one NAME" : "unexpected word \"\(operands[0])\"")
    }
    location = try LedgerFlags.location(line)
    isJSON = try line.wantsJSON()
    isSure = line.values["yes"] != nil
    filter.namespace = line.values["namespace"]
    filter.generatorKind = line.values["kind"]
    filter.generatorName = line.values["name"]
    filter.ownerLabel = line.values["owner"]
    filter.subject = line.values["subject"]
    guard let phases = line.values["phase"] else { return }
    let words = phases.split(separator: ",").map { GeneratorState.Phase(rawValue: String($0)) }
    guard !words.isEmpty, !words.contains(nil) else { throw UsageError("--phase takes pending, live and revoking") }
    filter.phases = Set(words.compactMap { $0 })
  }
}
