import JSON

/// One function that templates may call.
struct TemplateFunction: Sendable {
  typealias Body = @Sendable ([TemplateValue], inout TemplateBudget) throws(TemplateFault) -> TemplateValue

  /// How many arguments it takes, that of the pipeline included.
  let arguments: ClosedRange<Int>
  let body: Body

  init(_ arguments: ClosedRange<Int>, _ body: @escaping Body) {
    self.arguments = arguments
    self.body = body
  }

  init(_ arguments: Int, _ body: @escaping Body) { self.init(arguments...arguments, body) }

  /// As many arguments as a template can name.
  static let many = 1_000

  /// For messages.
  var usage: String {
    if arguments.count == 1 { return "\(arguments.lowerBound) arguments" }
    if arguments.upperBound == Self.many { return "\(arguments.lowerBound) arguments or more" }
    return "\(arguments.lowerBound) to \(arguments.upperBound) arguments"
  }

  static let all: [String: TemplateFunction] = {
    let groups = [textFunctions, encodingFunctions, logicFunctions, numberFunctions, collectionFunctions]
    return groups.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
  }()

  static let names = all.keys.sorted()
}

extension TemplateValue {
  /// The bytes of a text, for functions that take nothing else.
  func bytes() throws(TemplateFault) -> [UInt8] {
    guard case .text(let bytes) = self else { throw TemplateFault("expected a text, not \(kind)") }
    return bytes
  }

  /// The text, for functions that look at characters.
  func string() throws(TemplateFault) -> String { String(decoding: try bytes(), as: UTF8.self) }

  func list() throws(TemplateFault) -> [TemplateValue] {
    guard case .list(let items) = self else { throw TemplateFault("expected a list, not \(kind)") }
    return items
  }

  func map() throws(TemplateFault) -> [JSONName: TemplateValue] {
    guard case .map(let members) = self else { throw TemplateFault("expected a map, not \(kind)") }
    return members
  }

  /// A whole number, from what sprig casts to one: texts that are none are zero, fractions are cut.
  var wholeNumber: Int64 {
    switch self {
    case .integer(let number): number
    case .float(let number): Int64(exactly: number.rounded(.towardZero)) ?? 0
    case .bool(let bool): bool ? 1 : 0
    case .text(let bytes): Int64(String(decoding: bytes, as: UTF8.self)) ?? 0
    default: 0
    }
  }

  /// A count or place within `range`.
  func count(in range: ClosedRange<Int>) throws(TemplateFault) -> Int {
    guard let number = Int(exactly: wholeNumber), range.contains(number) else {
      throw TemplateFault("expected a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }
}
