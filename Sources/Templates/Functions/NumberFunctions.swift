extension TemplateFunction {
  /// Whole numbers, as sprig has them: arguments are cast.
  static let numberFunctions: [String: TemplateFunction] = [
    "int": TemplateFunction(1) { (arguments, _) in .integer(arguments[0].wholeNumber) },
    "int64": TemplateFunction(1) { (arguments, _) in .integer(arguments[0].wholeNumber) },
    "atoi": TemplateFunction(1) { (arguments, _) throws(TemplateFault) in
      .integer(Int64(try arguments[0].string()) ?? 0)
    },
    "float64": TemplateFunction(1) { (arguments, _) in
      if case .float = arguments[0] { return arguments[0] }
      if case .text(let bytes) = arguments[0] { return .float(Double(String(decoding: bytes, as: UTF8.self)) ?? 0) }
      return .float(Double(arguments[0].wholeNumber))
    },
    "add": fold { $0.addingReportingOverflow($1) },
    "mul": fold { $0.multipliedReportingOverflow(by: $1) },
    "sub": TemplateFunction(2) { (arguments, _) throws(TemplateFault) in
      .integer(try whole(arguments[0].wholeNumber.subtractingReportingOverflow(arguments[1].wholeNumber)))
    },
    "div": TemplateFunction(2) { (arguments, _) throws(TemplateFault) in
      .integer(try whole(arguments[0].wholeNumber.dividedReportingOverflow(by: arguments[1].wholeNumber)))
    },
    "mod": TemplateFunction(2) { (arguments, _) throws(TemplateFault) in
      .integer(try whole(arguments[0].wholeNumber.remainderReportingOverflow(dividingBy: arguments[1].wholeNumber)))
    },
    "max": TemplateFunction(1...many) { (arguments, _) in .integer(arguments.map(\.wholeNumber).max() ?? 0) },
    "min": TemplateFunction(1...many) { (arguments, _) in .integer(arguments.map(\.wholeNumber).min() ?? 0) },
  ]

  private typealias Checked = (partialValue: Int64, overflow: Bool)

  private static func fold(_ body: @escaping @Sendable (Int64, Int64) -> Checked) -> TemplateFunction {
    TemplateFunction(1...many) { (arguments, _) throws(TemplateFault) in
      var result = arguments[0].wholeNumber
      for argument in arguments.dropFirst() { result = try whole(body(result, argument.wholeNumber)) }
      return .integer(result)
    }
  }

  private static func whole(_ result: Checked) throws(TemplateFault) -> Int64 {
    guard !result.overflow else { throw TemplateFault("the result is no 64-bit number") }
    return result.partialValue
  }
}
