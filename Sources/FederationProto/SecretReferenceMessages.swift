import CFederationProto
import FederationAPI

/// `federation.v1.SecretReference`, as the requests have it that name several.
extension SecretReference {
  /// How many messages stand in field 1; what follows bytes that are no field is not counted.
  static func counted(in payload: RawSpan) -> Int {
    var reader = ProtobufReader(0..<payload.byteCount)
    var count = 0
    while let field = try? reader.next(in: payload) {
      if field.number == 1 { count += 1 }
    }
    return count
  }

  /// Copies references out of a decoded message; an empty property or version is none.
  static func references(
    _ messages: UnsafeMutablePointer<UnsafeMutablePointer<Federation__V1__SecretReference>?>?, count: Int
  ) -> [SecretReference] {
    UnsafeBufferPointer(start: messages, count: count).compactMap { message in
      guard let message = message?.pointee else { return nil }
      return SecretReference(
        store: String(cString: message.store), key: String(cString: message.name),
        property: nonEmpty(message.property), version: nonEmpty(message.version))
    }
  }

  private static func nonEmpty(_ text: UnsafeMutablePointer<CChar>?) -> String? {
    guard let text, text.pointee != 0 else { return nil }
    return String(cString: text)
  }

  /// Bytes of several in a repeated field; throws INVALID_ARGUMENT when a name holds a NUL.
  static func size(_ secrets: [SecretReference]) throws(RPCError) -> Int {
    var size = 0
    for secret in secrets {
      for (field, text) in secret.fields where text.utf8.contains(0) {
        throw RPCError(.invalidArgument, "\(field) must not hold a NUL character")
      }
      size += ProtobufWriter.fieldSize(secret.size)
    }
    return size
  }

  /// In the order of their numbers.
  fileprivate var fields: [(name: String, text: String)] {
    [("store", store), ("name", key), ("property", property ?? ""), ("version", version ?? "")]
  }

  fileprivate var size: Int { fields.reduce(0) { $0 + ProtobufWriter.fieldSize($1.text) } }
}

extension ProtobufWriter {
  /// Writes a reference as a field.
  mutating func append(_ number: UInt8, _ secret: SecretReference) {
    begin(number, count: secret.size)
    for (index, field) in secret.fields.enumerated() { append(UInt8(index + 1), field.text) }
  }

  /// Writes a `federation.v1.Error` as a field.
  mutating func append(_ number: UInt8, _ error: RPCError) {
    begin(number, count: error.encodedSize)
    append(1, varint: UInt64(error.code.rawValue))
    append(2, error.message)
  }
}

extension RPCError {
  /// Bytes of a `federation.v1.Error`.
  var encodedSize: Int {
    1 + ProtobufWriter.varintSize(UInt64(code.rawValue)) + ProtobufWriter.fieldSize(message)
  }

  /// Copies a decoded `federation.v1.Error`; a code that this version does not know is UNKNOWN.
  init(_ message: UnsafeMutablePointer<Federation__V1__Error>?) {
    let code = StatusCode(rawValue: UInt32(bitPattern: message?.pointee.code ?? 0)) ?? .unknown
    self.init(code == .ok ? .unknown : code, message?.pointee.message.map { String(cString: $0) } ?? "")
  }
}
