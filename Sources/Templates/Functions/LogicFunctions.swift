extension TemplateFunction {
  /// Comparisons, conditions and defaults.
  static let logicFunctions: [String: TemplateFunction] = [
    // Applied by the execution, which looks at no more arguments than it has to.
    "and": TemplateFunction(1...many) { (arguments, _) in arguments.last ?? .null },
    "or": TemplateFunction(1...many) { (arguments, _) in arguments.last ?? .null },
    "not": TemplateFunction(1) { (arguments, _) in .bool(!arguments[0].isTrue) },
    "eq": TemplateFunction(2...many) { (arguments, _) throws(TemplateFault) in
      for other in arguments.dropFirst() where try Comparison.areEqual(arguments[0], other) { return .bool(true) }
      return .bool(false)
    },
    "ne": TemplateFunction(2) { (arguments, _) throws(TemplateFault) in
      .bool(try !Comparison.areEqual(arguments[0], arguments[1]))
    },
    "lt": order { $0 < 0 },
    "le": order { $0 <= 0 },
    "gt": order { $0 > 0 },
    "ge": order { $0 >= 0 },
    "default": TemplateFunction(2) { (arguments, _) in arguments[1].isTrue ? arguments[1] : arguments[0] },
    "empty": TemplateFunction(1) { (arguments, _) in .bool(!arguments[0].isTrue) },
    "coalesce": TemplateFunction(1...many) { (arguments, _) in arguments.first(where: \.isTrue) ?? .null },
    "ternary": TemplateFunction(3) { (arguments, _) throws(TemplateFault) in
      guard case .bool(let condition) = arguments[2] else { throw TemplateFault("the last argument must be a bool") }
      return condition ? arguments[0] : arguments[1]
    },
    "fail": TemplateFunction(1) { (_, _) throws(TemplateFault) in
      // The text may hold a value.
      throw TemplateFault("the template gave up; its text is not shown here, as it may hold a value")
    },
  ]

  private static func order(_ body: @escaping @Sendable (Int) -> Bool) -> TemplateFunction {
    TemplateFunction(2) { (arguments, _) throws(TemplateFault) in
      .bool(body(try Comparison.order(arguments[0], arguments[1])))
    }
  }
}

/// Go's comparisons in templates: both sides must be of one kind.
private enum Comparison {
  static func areEqual(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateFault) -> Bool {
    switch (left, right) {
    case (.null, _), (_, .null): return left == right
    case (.bool, .bool), (.integer, .integer), (.float, .float), (.text, .text): return left == right
    default: throw TemplateFault("\(left.kind) and \(right.kind) cannot be compared")
    }
  }

  /// Below zero for less, above for more.
  static func order(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateFault) -> Int {
    switch (left, right) {
    case (.integer(let left), .integer(let right)): return left < right ? -1 : left == right ? 0 : 1
    case (.float(let left), .float(let right)): return left < right ? -1 : left == right ? 0 : 1
    case (.text(let left), .text(let right)):
      return left == right ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1
    default: throw TemplateFault("\(left.kind) and \(right.kind) cannot be ordered")
    }
  }
}
