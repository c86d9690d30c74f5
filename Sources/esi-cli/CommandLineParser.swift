@preconcurrency import CLinux
import Glibc

/// Reads the command line with getopt_long(3). The globals of getopt make this a thing to do once at a time.
enum CommandLineParser {
  /// Sets `options` from `arguments`, which do not include the program's name.
  static func parse(_ arguments: [String], into options: inout CommandOptions) throws(Failure) {
    let table = CommandOption.all
    let names = table.map { strdup($0.name) }
    var vector = (["esi-cli"] + arguments).map { strdup($0) } + [nil]
    defer {
      for string in names + vector { free(string) }
    }
    var longOptions = zip(table, names).enumerated().map { index, entry in
      option(
        name: entry.1, has_arg: entry.0.takesValue ? required_argument : no_argument, flag: nil,
        val: Int32(index + 256))
    }
    longOptions.append(option())
    let count = Int32(vector.count - 1)
    // Zero, not one, so that GNU getopt forgets an earlier run.
    optind = 0
    opterr = 0
    while true {
      let at = max(1, Int(optind))
      // "+": no permutation, so that `at` is the flag being read; ":": a missing value is told from an unknown flag.
      let found = getopt_long(count, &vector, "+:", longOptions, nil)
      if found == -1 { break }
      let written = String(arguments[at - 1].prefix { $0 != "=" })
      if found < 256 { throw refusal(written, found: found, table: table) }
      let entry = table[Int(found) - 256]
      guard written == "--\(entry.name)" else {
        throw .usage("flags cannot be abbreviated: write --\(entry.name) for \(written)")
      }
      entry.set(optarg.map { String(cString: $0) } ?? "", in: &options)
    }
    guard Int(optind) >= vector.count - 1 else {
      throw .usage(
        "unexpected argument \"\(arguments[Int(optind) - 1])\": "
          + "the program goes into --binary-path, its arguments into --args")
    }
  }

  /// This process's command line without its name. Throws when it is not UTF-8, which no flag's value can be.
  static func arguments() throws(Failure) -> [String] {
    var arguments: [String] = []
    for index in 1..<max(1, Int(CommandLine.argc)) {
      guard let pointer = CommandLine.unsafeArgv[index], let text = String(validatingCString: pointer) else {
        throw .usage("argument \(index) is not UTF-8")
      }
      arguments.append(text)
    }
    return arguments
  }

  private static func refusal(_ written: String, found: Int32, table: [CommandOption]) -> Failure {
    if let option = table.first(where: { "--\($0.name)" == written }) {
      return .usage(
        found == Int32(UInt8(ascii: ":"))
          ? "\(written) needs a value: \(written)=\(option.placeholder)" : "\(written) takes no value")
    }
    let bare = String(written.drop { $0 == "-" })
    let starting = table.map(\.name).filter { !bare.isEmpty && $0.hasPrefix(bare) }
    if starting.count > 1 {
      return .usage("unknown flag \(written): it could be " + starting.map { "--\($0)" }.joined(separator: ", "))
    }
    guard let nearest = starting.first ?? Spelling.nearest(to: bare, among: table.map(\.name)) else {
      return .usage("unknown flag \(written); see --help")
    }
    return .usage("unknown flag \(written); did you mean --\(nearest)?")
  }
}
