@preconcurrency import CLinux
import Glibc

/// Wrong words on the command line; the program prints the text and exits with 2.
public struct UsageError: Error, CustomStringConvertible {
  /// What is wrong and what to write.
  public let description: String
  /// Makes an error.
  public init(_ description: String) { self.description = description }
}

/// Long flags by getopt_long: `--name value`, `--name=value` and flags without a value, in any order.
public struct FlagParser: Sendable {
  /// A flag's name and whether it takes a value.
  public struct Flag: Sendable {
    /// Without the dashes.
    public var name: String
    /// Whether a value follows.
    public var takesValue: Bool
    /// Makes a flag.
    public init(_ name: String, takesValue: Bool = true) {
      self.name = name
      self.takesValue = takesValue
    }
  }

  /// Values by flag, the last one winning, and what stands beside the flags.
  public struct Parsed: Sendable {
    /// By flag; `true` for one that takes none.
    public var values: [String: String] = [:]
    /// Every value of a flag that takes one, in order, for flags that may be given several times.
    public var lists: [String: [String]] = [:]
    /// What is no flag, in order.
    public var operands: [String] = []

    /// The value of a flag that has to be given.
    public func required(_ name: String) throws(UsageError) -> String {
      guard let value = values[name], !value.isEmpty else { throw UsageError("--\(name) is required") }
      return value
    }

    /// A whole number from `range`.
    public func integer(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
      guard let text = values[name] else { return nil }
      guard let number = Int(text), range.contains(number) else {
        throw UsageError(
          "--\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
      }
      return number
    }

    /// Whether `--output` is `json` and not `table`, which it is without the flag.
    public func wantsJSON() throws(UsageError) -> Bool {
      guard let output = values["output"] else { return false }
      guard ["table", "json"].contains(output) else { throw UsageError("--output takes table or json") }
      return output == "json"
    }

    /// Seconds, with fractions, from `range`.
    public func seconds(_ name: String, in range: ClosedRange<Double>) throws(UsageError) -> Double? {
      guard let text = values[name] else { return nil }
      guard let number = Double(text), range.contains(number) else {
        throw UsageError("--\(name) must be seconds from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
      }
      return number
    }
  }

  private let flags: [Flag]

  /// Makes a parser of `flags`.
  public init(flags: [Flag]) { self.flags = flags }

  /// `arguments` without the program's and the subcommand's name. Throws for what makes no sense.
  public func parse(_ arguments: [String]) throws(UsageError) -> Parsed {
    // getopt_long permutes the array it is given and keeps its place in globals, so each call starts afresh.
    var words: [UnsafeMutablePointer<CChar>?] = (["program"] + arguments).map { strdup($0) } + [nil]
    let owned = words
    defer { for word in owned { free(word) } }
    let names: [UnsafeMutablePointer<CChar>?] = flags.map { strdup($0.name) }
    defer { for name in names { free(name) } }
    var options = zip(flags, names).enumerated().map { index, flag in
      option(
        name: flag.1.map { UnsafePointer($0) }, has_arg: flag.0.takesValue ? 1 : 0, flag: nil, val: Int32(1000 + index))
    }
    options.append(option())
    optind = 0
    opterr = 0
    var parsed = Parsed()
    let count = Int32(words.count - 1)
    while true {
      let code = getopt_long(count, &words, ":", options, nil)
      if code == -1 { break }
      guard code >= 1000 else {
        let word = words[max(1, Int(optind) - 1)].map { String(cString: $0) } ?? ""
        throw UsageError(code == Int32(UInt8(ascii: ":")) ? "\(word) needs a value" : unknown(word))
      }
      let flag = flags[Int(code) - 1000]
      guard flag.takesValue else {
        parsed.values[flag.name] = "true"
        continue
      }
      let value = optarg.map { String(cString: $0) } ?? ""
      parsed.values[flag.name] = value
      parsed.lists[flag.name, default: []].append(value)
    }
    parsed.operands = words[Int(optind)..<Int(count)].compactMap { $0.map { String(cString: $0) } }
    return parsed
  }

  private func unknown(_ word: String) -> String {
    let name = word.drop { $0 == "-" }.prefix { $0 != "=" }
    if let flag = flags.first(where: { $0.name == name }), !flag.takesValue { return "--\(name) takes no value" }
    let known = flags.map { "--\($0.name)" }.joined(separator: " ")
    return "unknown flag \(word.prefix { $0 != "=" }); the flags here are: \(known)"
  }
}
