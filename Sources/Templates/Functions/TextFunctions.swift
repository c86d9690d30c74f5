import JSON

extension TemplateFunction {
  private static let widest = 1 << 20

  /// Functions over texts.
  static let textFunctions: [String: TemplateFunction] = [
    "trim": edges { ByteText.trimmed($0, Array(" \t\n\u{B}\u{C}\r".utf8)) },
    "upper": characters { $0.uppercased() },
    "lower": characters { $0.lowercased() },
    "title": characters { ByteText.titled($0) },
    "trimAll": affix { ByteText.trimmed($1, $0) },
    "trimPrefix": affix { $1.starts(with: $0) ? Array($1.dropFirst($0.count)) : $1 },
    "trimSuffix": affix { $1.reversed().starts(with: $0.reversed()) ? Array($1.dropLast($0.count)) : $1 },
    "hasPrefix": test { $1.starts(with: $0) },
    "hasSuffix": test { $1.reversed().starts(with: $0.reversed()) },
    "contains": test { ByteText.find($0, in: $1, from: 0) != nil },
    "replace": TemplateFunction(3) { (arguments, budget) throws(TemplateFault) in
      let (old, new, text) = (try arguments[0].bytes(), try arguments[1].bytes(), try arguments[2].bytes())
      return .text(try ByteText.replacing(old, by: new, in: text, &budget))
    },
    "repeat": TemplateFunction(2) { (arguments, budget) throws(TemplateFault) in
      let (count, text) = (try arguments[0].count(in: 0...widest), try arguments[1].bytes())
      try budget.handle(count.multipliedReportingOverflow(by: text.count).partialValue)
      return .text(Array(repeatElement(text, count: text.isEmpty ? 0 : count).joined()))
    },
    "indent": TemplateFunction(2) { (arguments, budget) throws(TemplateFault) in
      .text(try ByteText.indented(arguments, &budget))
    },
    "nindent": TemplateFunction(2) { (arguments, budget) throws(TemplateFault) in
      .text([0x0A] + (try ByteText.indented(arguments, &budget)))
    },
    "trunc": TemplateFunction(2) { (arguments, _) throws(TemplateFault) in
      let (count, text) = (try arguments[0].count(in: -widest...widest), try arguments[1].bytes())
      return .text(count < 0 ? Array(text.suffix(-count)) : Array(text.prefix(count)))
    },
    "substr": TemplateFunction(3) { (arguments, _) throws(TemplateFault) in
      let start = try arguments[0].count(in: -widest...widest)
      let end = try arguments[1].count(in: -widest...widest)
      let text = try arguments[2].bytes()
      let last = end < 0 || end > text.count ? text.count : end
      let first = max(0, start)
      return .text(first < last ? Array(text[first..<last]) : [])
    },
    "split": TemplateFunction(2) { (arguments, budget) throws(TemplateFault) in
      let parts = try ByteText.split(try arguments[1].bytes(), by: try arguments[0].bytes(), &budget)
      let members = parts.enumerated().map { (JSONName("_\($0)"), TemplateValue.text($1)) }
      return .map(Dictionary(members, uniquingKeysWith: { first, _ in first }))
    },
    "splitList": TemplateFunction(2) { (arguments, budget) throws(TemplateFault) in
      .list(
        try ByteText.split(try arguments[1].bytes(), by: try arguments[0].bytes(), &budget).map { .text($0) })
    },
    "join": TemplateFunction(2) { (arguments, budget) throws(TemplateFault) in
      let (separator, items) = (try arguments[0].bytes(), try arguments[1].list())
      let parts = items.map(\.printed)
      try budget.handle(parts.reduce(0) { $0 + $1.count + separator.count })
      return .text(Array(parts.joined(separator: separator)))
    },
    "quote": each { GoQuoting.quoted($0) },
    "squote": each { [0x27] + $0 + [0x27] },
    "cat": TemplateFunction(1...many) { (arguments, budget) throws(TemplateFault) in
      let parts = arguments.filter { $0 != .null }.map(\.printed)
      try budget.handle(parts.reduce(0) { $0 + $1.count + 1 })
      return .text(Array(parts.joined(separator: [0x20])))
    },
    "toString": TemplateFunction(1) { (arguments, _) in .text(arguments[0].printed) },
    "print": TemplateFunction(0...many) { (arguments, budget) throws(TemplateFault) in
      .text(try GoFormat.printed(arguments, &budget))
    },
    "println": TemplateFunction(0...many) { (arguments, budget) throws(TemplateFault) in
      .text(Array(arguments.map(\.printed).joined(separator: [0x20])) + [0x0A])
    },
    "printf": TemplateFunction(1...many) { (arguments, budget) throws(TemplateFault) in
      .text(try GoFormat.formatted(try arguments[0].bytes(), Array(arguments.dropFirst()), &budget))
    },
  ]

  private static func edges(_ body: @escaping @Sendable ([UInt8]) -> [UInt8]) -> TemplateFunction {
    TemplateFunction(1) { (arguments, _) throws(TemplateFault) in .text(body(try arguments[0].bytes())) }
  }

  private static func characters(_ body: @escaping @Sendable (String) -> String) -> TemplateFunction {
    TemplateFunction(1) { (arguments, _) throws(TemplateFault) in .text(body(try arguments[0].string())) }
  }

  private static func affix(_ body: @escaping @Sendable ([UInt8], [UInt8]) -> [UInt8]) -> TemplateFunction {
    TemplateFunction(2) { (arguments, _) throws(TemplateFault) in
      .text(body(try arguments[0].bytes(), try arguments[1].bytes()))
    }
  }

  private static func test(_ body: @escaping @Sendable ([UInt8], [UInt8]) -> Bool) -> TemplateFunction {
    TemplateFunction(2) { (arguments, _) throws(TemplateFault) in
      .bool(body(try arguments[0].bytes(), try arguments[1].bytes()))
    }
  }

  /// Each argument by itself, nil left out, with spaces between.
  private static func each(_ body: @escaping @Sendable ([UInt8]) -> [UInt8]) -> TemplateFunction {
    TemplateFunction(1...many) { (arguments, budget) throws(TemplateFault) in
      let parts = arguments.filter { $0 != .null }.map { body($0.printed) }
      try budget.handle(parts.reduce(0) { $0 + $1.count + 1 })
      return .text(Array(parts.joined(separator: [0x20])))
    }
  }
}
