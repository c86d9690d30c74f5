/// The command line of `federation-server secret`.
import CommandLineFlags

struct SecretOptions {
  /// What to do.
  enum Action: Equatable {
    case put(store: String, key: String)
    case get(store: String, key: String)
    case list(store: String?)
    case delete(store: String, key: String)
  }

  static let usage = """
    usage: federation-server secret put    --data DIR STORE KEY < VALUE
           federation-server secret get    --data DIR [--version N] [--property PATH] STORE KEY
           federation-server secret list   --data DIR [--output table|json] [STORE]
           federation-server secret delete --data DIR STORE KEY

    put stores what comes on stdin, a last newline included, as the key's next version; the last 10 are kept.
    get writes the value's bytes as they are. --property a.b.0 reaches into a JSON value; \\. is a dot in a name.
    Put -- before a STORE or KEY that starts with a dash.

    """

  let action: Action
  private(set) var directory = ""
  private(set) var version: Int?
  private(set) var property: String?
  private(set) var isJSON = false

  /// Reads what follows `secret`; nil when help was asked for.
  init?(_ arguments: [String]) throws(UsageError) {
    guard let verb = arguments.first else { throw UsageError("say put, get, list or delete") }
    if ["help", "--help", "-h"].contains(verb) { return nil }
    guard let accepted = Self.flags[verb] else { throw UsageError("\"\(verb)\" is not put, get, list or delete") }
    let flags = accepted.map { FlagParser.Flag($0) } + [.init("help", takesValue: false)]
    let line = try FlagParser(flags: flags).parse(Array(arguments.dropFirst()))
    if line.values["help"] != nil { return nil }
    let operands = line.operands
    switch (verb, operands.count) {
    case ("put", 2): action = .put(store: operands[0], key: operands[1])
    case ("get", 2): action = .get(store: operands[0], key: operands[1])
    case ("delete", 2): action = .delete(store: operands[0], key: operands[1])
    case ("list", 0...1): action = .list(store: operands.first)
    default:
      throw UsageError(verb == "list" ? "give one STORE or none" : "give one STORE and one KEY")
    }
    directory = try line.required("data")
    property = line.values["property"]
    version = try line.integer("version", in: 1...Int.max)
    isJSON = try line.wantsJSON()
  }

  private static let flags: [String: [String]] = [
    "put": ["data"], "get": ["data", "version", "property"], "list": ["data", "output"], "delete": ["data"],
  ]
}
