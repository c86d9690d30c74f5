@preconcurrency import CLinux
import Glibc

/// The command line of `federation-server secret`.
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
  init?(_ arguments: [String]) throws(SecretCommand.UsageError) {
    guard let verb = arguments.first else { throw SecretCommand.UsageError(message: "say put, get, list or delete") }
    if ["help", "--help", "-h"].contains(verb) { return nil }
    guard let accepted = Self.flags[verb] else {
      throw SecretCommand.UsageError(message: "\"\(verb)\" is not put, get, list or delete")
    }
    guard let line = try Self.parse(Array(arguments.dropFirst()), accepted: accepted) else { return nil }
    let operands = line.operands
    switch (verb, operands.count) {
    case ("put", 2): action = .put(store: operands[0], key: operands[1])
    case ("get", 2): action = .get(store: operands[0], key: operands[1])
    case ("delete", 2): action = .delete(store: operands[0], key: operands[1])
    case ("list", 0...1): action = .list(store: operands.first)
    default:
      throw SecretCommand.UsageError(message: verb == "list" ? "give one STORE or none" : "give one STORE and one KEY")
    }
    guard let data = line.values["data"], !data.isEmpty else {
      throw SecretCommand.UsageError(message: "--data DIR is missing: name the server's data directory")
    }
    directory = data
    property = line.values["property"]
    if let text = line.values["version"] {
      guard let number = Int(text), number > 0 else {
        throw SecretCommand.UsageError(message: "--version takes a whole number from 1")
      }
      version = number
    }
    if let output = line.values["output"] {
      guard ["table", "json"].contains(output) else {
        throw SecretCommand.UsageError(message: "--output takes table or json")
      }
      isJSON = output == "json"
    }
  }

  private static let flags: [String: [String]] = [
    "put": ["data"], "get": ["data", "version", "property"], "list": ["data", "output"], "delete": ["data"],
  ]

  /// Runs getopt_long(3); nil when help was asked for. Its globals make this a thing to do once at a time.
  private static func parse(
    _ arguments: [String], accepted: [String]
  ) throws(SecretCommand.UsageError) -> (values: [String: String], operands: [String])? {
    let names = (accepted + ["help"]).map { strdup($0) }
    var vector = (["secret"] + arguments).map { strdup($0) } + [nil]
    defer { for string in names + vector { free(string) } }
    var table = names.enumerated().map { index, name in
      let isHelp = index == accepted.count
      return option(
        name: name, has_arg: isHelp ? no_argument : required_argument, flag: nil, val: Int32(index + 256))
    }
    table.append(option())
    let count = Int32(vector.count - 1)
    var values: [String: String] = [:]
    // Zero, not one, so that GNU getopt forgets an earlier run.
    optind = 0
    opterr = 0
    func word(_ index: Int32) -> String { vector[Int(index)].map { String(cString: $0) } ?? "" }
    while true {
      let found = getopt_long(count, &vector, ":", table, nil)
      if found == -1 { break }
      let flag = word(optind - 1).prefix { $0 != "=" }
      guard found >= 256 else {
        throw SecretCommand.UsageError(
          message: found == Int32(UInt8(ascii: ":")) ? "\(flag) needs a value" : "unknown flag \(flag)")
      }
      let index = Int(found) - 256
      if index == accepted.count { return nil }
      let name = accepted[index]
      guard flag == "--\(name)" || word(optind - 2) == "--\(name)" else {
        throw SecretCommand.UsageError(message: "flags cannot be abbreviated: write --\(name)")
      }
      guard values[name] == nil else { throw SecretCommand.UsageError(message: "--\(name) is given twice") }
      values[name] = optarg.map { String(cString: $0) } ?? ""
    }
    return (values, (optind..<count).map(word))
  }
}
