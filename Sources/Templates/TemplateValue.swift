import JSON

/// A value while a template is applied. Texts are bytes, as Go's are: a secret need not be UTF-8.
indirect enum TemplateValue: Sendable, Equatable {
  /// `nil`.
  case null
  case bool(Bool)
  case integer(Int64)
  case float(Double)
  case text([UInt8])
  case list([TemplateValue])
  case map([JSONName: TemplateValue])

  static func text(_ text: String) -> TemplateValue { .text(Array(text.utf8)) }

  /// What `if`, `and`, `or`, `not` and `default` take for true: all but nil, false, zero and what is empty.
  var isTrue: Bool {
    switch self {
    case .null: false
    case .bool(let bool): bool
    case .integer(let number): number != 0
    case .float(let number): number != 0
    case .text(let bytes): !bytes.isEmpty
    case .list(let items): !items.isEmpty
    case .map(let members): !members.isEmpty
    }
  }

  /// For messages.
  var kind: String {
    switch self {
    case .null: "nil"
    case .bool: "a bool"
    case .integer: "an int"
    case .float: "a float"
    case .text: "a text"
    case .list: "a list"
    case .map: "a map"
    }
  }

  /// As Go's `%v` prints it.
  var printed: [UInt8] {
    switch self {
    case .null: Array("<no value>".utf8)
    case .bool(let bool): Array((bool ? "true" : "false").utf8)
    case .integer(let number): Array(String(number).utf8)
    case .float(let number): Array(Self.spelling(of: number).utf8)
    case .text(let bytes): bytes
    case .list(let items): Array("[".utf8) + Array(items.map(\.printed).joined(separator: [0x20])) + Array("]".utf8)
    case .map(let members):
      Array("map[".utf8)
        + Array(
          Self.sorted(members).map { Array("\($0.key):".utf8) + $0.value.printed }.joined(separator: [0x20]))
        + Array("]".utf8)
    }
  }

  /// Members with their keys in byte order.
  static func sorted(_ members: [JSONName: TemplateValue]) -> [(key: String, value: TemplateValue)] {
    members.map { ($0.key.text, $0.value) }.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
  }

  /// How many bytes it holds, roughly.
  var byteCount: Int {
    switch self {
    case .text(let bytes): bytes.count
    case .list(let items): items.reduce(8) { $0 + $1.byteCount }
    case .map(let members): members.reduce(8) { $0 + $1.key.text.utf8.count + $1.value.byteCount }
    default: 8
    }
  }

  /// The shortest digits that give the number again; with an exponent below 1e-4 and from 1e21 on, as Go has it.
  static func spelling(of number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number < 0 ? "-Inf" : "+Inf" }
    if number == 0 { return number.sign == .minus ? "-0" : "0" }
    let sign = number < 0 ? "-" : ""
    var (digits, exponent) = decimal(number.magnitude)
    while digits.count > 1, digits.last == 0x30 { digits.removeLast() }
    let text = String(decoding: digits, as: UTF8.self)
    if exponent < -4 || exponent >= 21 {
      let mantissa = text.count > 1 ? "\(text.prefix(1)).\(text.dropFirst())" : text
      let power = String(exponent.magnitude)
      return "\(sign)\(mantissa)e\(exponent < 0 ? "-" : "+")\(power.count < 2 ? "0" : "")\(power)"
    }
    if exponent < 0 { return "\(sign)0.\(String(repeating: "0", count: -exponent - 1))\(text)" }
    if text.count <= exponent + 1 { return sign + text + String(repeating: "0", count: exponent + 1 - text.count) }
    return "\(sign)\(text.prefix(exponent + 1)).\(text.dropFirst(exponent + 1))"
  }

  /// The significant digits, and the power of ten of the first.
  private static func decimal(_ number: Double) -> (digits: [UInt8], exponent: Int) {
    let parts = number.description.split(separator: "e", omittingEmptySubsequences: false)
    let point = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let whole = Array(point[0].utf8)
    let digits = whole + (point.count > 1 ? Array(point[1].utf8) : [])
    let power = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let leading = digits.prefix { $0 == 0x30 }.count
    return (Array(digits.dropFirst(leading)), whole.count - 1 - leading + power)
  }
}
