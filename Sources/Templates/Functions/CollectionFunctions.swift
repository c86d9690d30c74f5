import JSON

extension TemplateFunction {
  /// Lists and maps.
  static let collectionFunctions: [String: TemplateFunction] = [
    "len": TemplateFunction(1) { (arguments, _) throws(TemplateFault) in
      switch arguments[0] {
      case .text(let bytes): return .integer(Int64(bytes.count))
      case .list(let items): return .integer(Int64(items.count))
      case .map(let members): return .integer(Int64(members.count))
      default: throw TemplateFault("\(arguments[0].kind) has no length")
      }
    },
    "index": TemplateFunction(2...many) { (arguments, _) throws(TemplateFault) in
      var value = arguments[0]
      for key in arguments.dropFirst() { value = try element(of: value, key) }
      return value
    },
    "list": TemplateFunction(0...many) { (arguments, _) in .list(arguments) },
    "dict": TemplateFunction(0...many) { (arguments, _) throws(TemplateFault) in
      guard arguments.count.isMultiple(of: 2) else { throw TemplateFault("a key has no value") }
      var members: [JSONName: TemplateValue] = [:]
      for place in stride(from: 0, to: arguments.count, by: 2) {
        members[JSONName(String(decoding: arguments[place].printed, as: UTF8.self))] = arguments[place + 1]
      }
      return .map(members)
    },
    "get": TemplateFunction(2) { (arguments, _) throws(TemplateFault) in
      try arguments[0].map()[try arguments[1].string()] ?? .text([])
    },
    "hasKey": TemplateFunction(2) { (arguments, _) throws(TemplateFault) in
      .bool(try arguments[0].map()[try arguments[1].string()] != nil)
    },
    "keys": TemplateFunction(1) { (arguments, _) throws(TemplateFault) in
      .list(TemplateValue.sorted(try arguments[0].map()).map { .text($0.key) })
    },
    "first": TemplateFunction(1) { (arguments, _) throws(TemplateFault) in try arguments[0].list().first ?? .null },
    "last": TemplateFunction(1) { (arguments, _) throws(TemplateFault) in try arguments[0].list().last ?? .null },
    "rest": TemplateFunction(1) { (arguments, _) throws(TemplateFault) in
      .list(Array(try arguments[0].list().dropFirst()))
    },
    "initial": TemplateFunction(1) { (arguments, _) throws(TemplateFault) in
      .list(Array(try arguments[0].list().dropLast()))
    },
    "has": TemplateFunction(2) { (arguments, _) throws(TemplateFault) in
      .bool(try arguments[1].list().contains(arguments[0]))
    },
    "sortAlpha": TemplateFunction(1) { (arguments, _) throws(TemplateFault) in
      .list(
        try arguments[0].list().map(\.printed).sorted { $0.lexicographicallyPrecedes($1) }.map { .text($0) })
    },
  ]

  private static func element(of value: TemplateValue, _ key: TemplateValue) throws(TemplateFault) -> TemplateValue {
    switch (value, key) {
    case (.map(let members), .text(let bytes)):
      guard let member = members[String(decoding: bytes, as: UTF8.self)] else {
        throw TemplateFault("there is no such key")
      }
      return member
    case (.list(let items), .integer(let place)):
      guard let place = Int(exactly: place), items.indices.contains(place) else {
        throw TemplateFault("the place is outside of the list")
      }
      return items[place]
    default: throw TemplateFault("\(value.kind) has no element by \(key.kind)")
    }
  }
}
