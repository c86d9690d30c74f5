import Crypto
import FederationAPI
import JSON

/// One part of a token: base64url of a JSON object (RFC 7515 section 7.1), of which few members are looked at.
enum TokenPart {
  /// The bytes of the part called `name`.
  static func decode(_ part: RawSpan, named name: StaticString) throws(Refusal) -> [UInt8] {
    guard let bytes = Base64URL.decode(part) else { throw Refusal("the \(name) is not base64url") }
    return bytes
  }

  /// Reads `bytes`, which must be a JSON object, and shows `member` the name of each member. It reads the value from
  /// the reader, or skips it.
  static func read(
    _ bytes: [UInt8], named name: StaticString,
    member: (_ name: JSONText, _ reader: inout JSONReader, _ text: RawSpan) throws(JSONError) -> Void
  ) throws(Refusal) {
    let text = bytes.span.bytes
    let isObject: Bool
    do {
      var reader = try JSONReader(text, maximumByteCount: Limits.token)
      let first = try reader.next(in: text)
      isObject = if case .beginObject = first { true } else { false }
      if isObject {
        try reader.readMembers(in: text, member)
      } else {
        try reader.skip(first, in: text)
      }
      // A text with something behind its value is no JSON text.
      _ = try reader.next(in: text)
    } catch {
      throw Refusal("the \(name): \(error)")
    }
    guard isObject else { throw Refusal("the \(name) is not a JSON object") }
  }
}

/// What a token says of something: nothing, a value of the kind that is asked for, or something else.
enum TokenMember<Value: Sendable>: Sendable {
  case absent
  case value(Value)
  case other

  /// The value, nil for anything else.
  var value: Value? { if case .value(let value) = self { value } else { nil } }
}

extension JSONReader {
  /// Reads an object that was begun to its end.
  mutating func readMembers(
    in text: RawSpan,
    _ member: (_ name: JSONText, _ reader: inout JSONReader, _ text: RawSpan) throws(JSONError) -> Void
  ) throws(JSONError) {
    while case .name(let name) = try next(in: text) { try member(name, &self, text) }
  }

  /// Reads a value that should be an object.
  mutating func readObject(
    in text: RawSpan,
    _ member: (_ name: JSONText, _ reader: inout JSONReader, _ text: RawSpan) throws(JSONError) -> Void
  ) throws(JSONError) {
    let event = try next(in: text)
    if case .beginObject = event { try readMembers(in: text, member) } else { try skip(event, in: text) }
  }

  /// Reads a value that should be a text.
  mutating func readText(in text: RawSpan) throws(JSONError) -> TokenMember<String> {
    let event = try next(in: text)
    if case .string(let part) = event { return .value(string(part, in: text)) }
    try skip(event, in: text)
    return .other
  }

  /// Reads a value that should be a number.
  mutating func readNumber(in text: RawSpan) throws(JSONError) -> TokenMember<Double> {
    let event = try next(in: text)
    if case .number(let number) = event { return .value(number) }
    try skip(event, in: text)
    return .other
  }

  /// Reads a value that should be a text or a list of texts.
  mutating func readTexts(in text: RawSpan) throws(JSONError) -> TokenMember<[String]> {
    let event = try next(in: text)
    switch event {
    case .string(let part): return .value([string(part, in: text)])
    case .beginArray:
      var texts: [String] = []
      var areTexts = true
      while true {
        let element = try next(in: text)
        switch element {
        case .endArray: return areTexts ? .value(texts) : .other
        case .string(let part): texts.append(string(part, in: text))
        default:
          areTexts = false
          try skip(element, in: text)
        }
      }
    default:
      try skip(event, in: text)
      return .other
    }
  }
}
