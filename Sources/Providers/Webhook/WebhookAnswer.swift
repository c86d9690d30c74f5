import FederationAPI
import JSON
import Resources

/// Reads what a webhook answered, in one pass and without a tree, so that numbers are given on with every digit that
/// they came with.
package enum WebhookAnswer {
  /// The longest answer that is read as JSON, in bytes.
  package static let maximumByteCount = 1 << 20
  /// The most members that a result may have.
  static let maximumMembers = 1_000

  /// The values at `path` of the JSON text `body`: an object's members, or one value by the key `result`.
  package static func values(of body: [UInt8], at path: WebhookResultPath) throws(WebhookFault) -> [String: SecretBytes]
  {
    try translated { () throws(Fault) in
      var values: [String: SecretBytes] = [:]
      try read(body, path) { (start, event, reader) in
        let text = body.span.bytes
        guard case .beginObject = event else {
          values["result"] = try capture(event, from: start, of: body, &reader)
          return
        }
        while case .name(let part) = try reader.next(in: text) {
          let name = reader.string(part, in: text)
          guard isKey(name) else { throw Fault.badName }
          guard values.count < maximumMembers else { throw Fault.tooMany }
          let start = reader.offset
          let value = try reader.next(in: text)
          values[name] = try capture(value, from: start, of: body, &reader)
        }
      }
      return values
    }
  }

  /// The value at `path` of the JSON text `body`: a string's text, nothing for `null`, and else as it is written.
  static func value(of body: [UInt8], at path: WebhookResultPath) throws(WebhookFault) -> SecretBytes {
    try translated { () throws(Fault) in
      var value = SecretBytes("")
      try read(body, path) { (start, event, reader) in
        if case .null = event { return }
        value = try capture(event, from: start, of: body, &reader)
      }
      return value
    }
  }

  private static func translated<Value>(_ body: () throws(Fault) -> Value) throws(WebhookFault) -> Value {
    do throws(Fault) {
      return try body()
    } catch {
      let reason =
        switch error {
        case .json: "the webhook's answer is no JSON text"
        case .absent: "the webhook's answer has nothing at `result.jsonPath`"
        case .badName: "the webhook's result has a member whose name no Secret's key could be"
        case .tooMany: "the webhook's result has more than \(maximumMembers) members"
        }
      throw .unusable("\(reason); ask the server's operator to mend it")
    }
  }

  private enum Fault: Error {
    case json, absent, badName, tooMany
  }

  /// Has `take` take what is at `path`, by the event that begins it and an offset that only space and a comma lie behind.
  private static func read(
    _ body: [UInt8], _ path: WebhookResultPath, _ take: (Int, JSONReader.Event, inout JSONReader) throws -> Void
  ) throws(Fault) {
    let text = body.span.bytes
    do {
      // As deep as paths go, and some more for what is given on.
      var reader = try JSONReader(text, maximumDepth: 64, maximumByteCount: maximumByteCount)
      var start = reader.offset
      var event = try reader.next(in: text)
      for step in path.steps {
        (start, event) = try descend(step, from: event, &reader, text)
      }
      try take(start, event, &reader)
      // What comes behind the result decides whether it was one.
      while true { if case .end = try reader.next(in: text) { return } }
    } catch {
      throw error as? Fault ?? .json
    }
  }

  /// The value that `step` leads to, by the event that begins it and an offset that only space and a comma lie behind.
  private static func descend(
    _ step: WebhookResultPath.Step, from event: JSONReader.Event, _ reader: inout JSONReader, _ text: RawSpan
  ) throws -> (Int, JSONReader.Event) {
    switch (step, event) {
    case (.member(let wanted), .beginObject):
      while case .name(let part) = try reader.next(in: text) {
        let start = reader.offset
        let isWanted = JSONName(reader.string(part, in: text)) == JSONName(wanted)
        let value = try reader.next(in: text)
        if isWanted { return (start, value) }
        try reader.skip(value, in: text)
      }
    case (.index(let wanted), .beginArray):
      for index in 0... {
        let start = reader.offset
        let value = try reader.next(in: text)
        if case .endArray = value { break }
        if index == wanted { return (start, value) }
        try reader.skip(value, in: text)
      }
    default: break
    }
    throw Fault.absent
  }

  /// A string's text, any other value's own spelling.
  private static func capture(
    _ event: JSONReader.Event, from start: Int, of body: [UInt8], _ reader: inout JSONReader
  ) throws -> SecretBytes {
    let text = body.span.bytes
    if case .string(let part) = event { return SecretBytes(reader.string(part, in: text)) }
    try reader.skip(event, in: text)
    var start = start
    // No value begins with one of these.
    while [0x09, 0x0A, 0x0D, 0x20, UInt8(ascii: ",")].contains(body[start]) { start += 1 }
    return SecretBytes(text.extracting(start..<reader.offset))
  }

  private static func isKey(_ name: String) -> Bool {
    (1...253).contains(name.utf8.count)
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "-._".utf8.contains(byte)
        }
      }
  }
}
