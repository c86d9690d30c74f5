/// What a node is, as Kubernetes reads YAML (the types of JSON, the plain spellings of YAML 1.1).
public enum YAMLType: Sendable, Hashable {
  /// `~`, `null` or nothing at all.
  case null
  /// `true`, `no`, `On` and their kin.
  case boolean
  /// `10`, `0x1F`, `1_000`.
  case integer
  /// `1.5`, `2e3`, `.inf`.
  case float
  /// Anything quoted, and plain text that is none of the above.
  case string
  /// `[a, b]` or lines of `- a`.
  case sequence
  /// `{a: b}` or lines of `a: b`.
  case mapping

  /// The name with its article, for messages: `a number`.
  public var phrase: String {
    switch self {
    case .null: "empty"
    case .boolean: "a boolean"
    case .integer, .float: "a number"
    case .string: "a string"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}

extension YAMLNode {
  /// The node's type.
  public var type: YAMLType {
    switch content {
    case .sequence: .sequence
    case .mapping: .mapping
    case .scalar(_, isPlain: false): .string
    case .scalar(let text, isPlain: true): plainType(of: text)
    }
  }
}

private func plainType(of text: String) -> YAMLType {
  guard let first = text.utf8.first else { return .null }
  switch first {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
    return numberType(of: text)
  case UInt8(ascii: "~"):
    return text == "~" ? .null : .string
  default:
    // No spelling of a boolean or null is longer; most strings end here.
    guard text.utf8.count <= 5 else { return .string }
    switch text {
    case "null", "Null", "NULL": return .null
    case "true", "True", "TRUE", "false", "False", "FALSE", "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON",
      "off", "Off", "OFF":
      return .boolean
    default: return .string
    }
  }
}

private func numberType(of text: String) -> YAMLType {
  var body = Substring(text)
  if let sign = body.first, sign == "+" || sign == "-" { body = body.dropFirst() }
  switch body {
  case "", ".": return .string
  case ".inf", ".Inf", ".INF": return .float
  case ".nan", ".NaN", ".NAN": return .float
  default: break
  }
  if let radix = ["0x": 16, "0o": 8, "0b": 2][body.prefix(2)] {
    let digits = body.dropFirst(2).filter { $0 != "_" }
    return !digits.isEmpty && digits.allSatisfy { $0.isASCII && ($0.hexDigitValue ?? 16) < radix } ? .integer : .string
  }
  return decimalType(of: body)
}

/// Digits with underscores, at most one point, at most one exponent; an address such as `10.0.0.1` is a string.
private func decimalType(of body: Substring) -> YAMLType {
  var rest = body.utf8
  func digits() -> Int {
    let run = rest.prefix { (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_") }
    rest = rest.dropFirst(run.count)
    return run.count { $0 != UInt8(ascii: "_") }
  }
  var count = digits()
  var isFloat = false
  if rest.first == UInt8(ascii: ".") {
    isFloat = true
    rest = rest.dropFirst()
    count += digits()
  }
  guard count > 0 else { return .string }
  if let mark = rest.first, mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") {
    isFloat = true
    rest = rest.dropFirst()
    if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { rest = rest.dropFirst() }
    guard digits() > 0 else { return .string }
  }
  guard rest.isEmpty else { return .string }
  return isFloat ? .float : .integer
}
