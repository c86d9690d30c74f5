extension JSONValue {
  /// The member `name` of an object; nil for other values and absent members.
  public subscript(name: String) -> JSONValue? {
    if case .object(let members) = self { members[JSONName(name)] } else { nil }
  }

  /// The text, nil for other values.
  public var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The number, nil for other values.
  public var number: Double? {
    if case .number(let number) = self { number } else { nil }
  }

  /// The number when it is whole and fits, nil for other values.
  public var integer: Int64? { number.flatMap { Int64(exactly: $0) } }

  /// The truth value, nil for other values.
  public var bool: Bool? {
    if case .bool(let bool) = self { bool } else { nil }
  }

  /// The elements, nil for other values.
  public var array: [JSONValue]? {
    if case .array(let values) = self { values } else { nil }
  }

  /// The members, nil for other values.
  public var object: [JSONName: JSONValue]? {
    if case .object(let members) = self { members } else { nil }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral, ExpressibleByFloatLiteral
{
  /// A text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A whole number.
  public init(integerLiteral value: Int64) { self = .number(Double(value)) }
  /// A number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A list.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// An object; of a name given twice the last counts.
  public init(dictionaryLiteral elements: (JSONName, JSONValue)...) {
    self = .object(Dictionary(elements) { _, last in last })
  }
  /// `null`.
  public init(nilLiteral: ()) { self = .null }
}
