import FederationProto

/// Why a frame's data is not a ttrpc Request or Response.
enum EnvelopeError: Error, Equatable, CustomStringConvertible {
  /// It is not protobuf, or a field has another type.
  case wire(ProtobufWireError)
  /// A string is not UTF-8.
  case notUTF8(field: StaticString)

  /// A key of the metadata that two programs could each take another value of.
  case repeatedKey(StaticString)

  /// One phrase for the peer.
  var description: String {
    switch self {
    case .wire(let error): "\(error)"
    case .notUTF8(let field): "\(field) is not valid UTF-8"
    case .repeatedKey(let key): "more than one \(key)"
    }
  }

  static func == (left: EnvelopeError, right: EnvelopeError) -> Bool { left.description == right.description }
}

extension ProtobufReader {
  /// As `next`, in this module's errors.
  mutating func nextField(in bytes: RawSpan) throws(EnvelopeError) -> Field? {
    do { return try next(in: bytes) } catch { throw .wire(error) }
  }
}

extension ProtobufReader.Field {
  /// The range of a length-delimited field.
  var range: Range<Int> {
    get throws(EnvelopeError) {
      guard case .bytes(let range) = value else { throw .wire(.badWireType) }
      return range
    }
  }

  /// The range of a string field, which is checked to be UTF-8.
  func text(_ name: StaticString, in bytes: RawSpan) throws(EnvelopeError) -> Range<Int> {
    let range = try range
    guard bytes.isUTF8(range) else { throw .notUTF8(field: name) }
    return range
  }

  /// The value of a varint field.
  var varint: UInt64 {
    get throws(EnvelopeError) {
      guard case .varint(let value) = value else { throw .wire(.badWireType) }
      return value
    }
  }
}
