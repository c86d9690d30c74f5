/// Walks the fields of one encoded protobuf message without copying them.
///
/// The reader holds positions only; the bytes are lent to each step, so that a length-delimited field comes
/// out as a range of the same span. Groups, which proto3 does not have, are errors.
/// Source: protobuf.dev, "Encoding".
@frozen package struct ProtobufReader {
  /// What stands in a field.
  @frozen package enum Value: Equatable {
    /// Wire type 0.
    case varint(UInt64)
    /// Wire type 1, 8 bytes.
    case fixed64(Range<Int>)
    /// Wire type 2: where the bytes stand.
    case bytes(Range<Int>)
    /// Wire type 5, 4 bytes.
    case fixed32(Range<Int>)
  }

  /// One field as it stands on the wire.
  @frozen package struct Field: Equatable {
    /// 1 to 536,870,911.
    package var number: Int
    /// The field's value.
    package var value: Value

    @inlinable init(number: Int, value: Value) {
      self.number = number
      self.value = value
    }
  }

  @usableFromInline var position: Int
  @usableFromInline let end: Int

  /// Reads the message that stands in `range`, which must lie in the span given to ``next(in:)``.
  @inlinable package init(_ range: Range<Int>) {
    position = range.lowerBound
    end = range.upperBound
  }

  /// The next field, or nil at the message's end.
  @inlinable @inline(__always) package mutating func next(in bytes: RawSpan) throws(ProtobufWireError) -> Field? {
    guard position < end else { return nil }
    let tag = try varint(in: bytes)
    guard tag >> 3 >= 1, tag <= UInt64(UInt32.max) else { throw .badFieldNumber }
    let number = Int(tag >> 3)
    switch tag & 7 {
    case 0: return Field(number: number, value: .varint(try varint(in: bytes)))
    case 1: return Field(number: number, value: .fixed64(try take(8)))
    case 2: return Field(number: number, value: .bytes(try take(try varint(in: bytes))))
    case 5: return Field(number: number, value: .fixed32(try take(4)))
    default: throw .badWireType
    }
  }

  @inlinable @inline(__always) mutating func take(_ count: UInt64) throws(ProtobufWireError) -> Range<Int> {
    guard count <= UInt64(end - position) else { throw .truncated }
    let start = position
    position += Int(count)
    return start..<position
  }

  @inlinable @inline(__always) mutating func varint(in bytes: RawSpan) throws(ProtobufWireError) -> UInt64 {
    // Tags are one byte, and nearly all lengths one or two.
    if position + 1 < end {
      let byte = bytes.byte(at: position)
      if byte < 0x80 {
        position += 1
        return UInt64(byte)
      }
      let second = bytes.byte(at: position + 1)
      if second < 0x80 {
        position += 2
        return UInt64(byte & 0x7F) | UInt64(second) << 7
      }
    }
    return try longVarint(in: bytes)
  }

  @usableFromInline mutating func longVarint(in bytes: RawSpan) throws(ProtobufWireError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while position < end {
      let byte = bytes.byte(at: position)
      position += 1
      // The tenth byte holds the 64th bit and nothing else.
      guard shift < 63 || byte <= 1 else { throw .overlongVarint }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    throw .truncated
  }
}

/// Why bytes are not a protobuf message.
@frozen package enum ProtobufWireError: Error, Equatable, CustomStringConvertible {
  /// A field goes past the end.
  case truncated
  /// A varint of more than 64 bits.
  case overlongVarint
  /// Field number 0, or past 2^29 - 1.
  case badFieldNumber
  /// A group, or a wire type that does not exist, or not the one of the field's type.
  case badWireType

  /// One phrase for the peer.
  package var description: String {
    switch self {
    case .truncated: "a field goes past the message's end"
    case .overlongVarint: "a varint is longer than 64 bits"
    case .badFieldNumber: "a field number is out of range"
    case .badWireType: "a field has a wrong wire type"
    }
  }
}

extension RawSpan {
  /// The byte at `offset`, which is checked.
  @inlinable package func byte(at offset: Int) -> UInt8 { unsafeLoad(fromByteOffset: offset, as: UInt8.self) }

  /// Whether the bytes in `range` are UTF-8 (RFC 3629).
  ///
  /// Callers do not extract the range themselves: Swift 6.3's optimiser then made the short way of ttrpc decline every
  /// call, in release builds only, which scripts/check-instructions.sh sees.
  package func isUTF8(_ range: Range<Int>) -> Bool { extracting(range).isUTF8 }

  /// The bytes in `range` as text, or nil when they are not UTF-8.
  package func text(_ range: Range<Int>) -> String? {
    extracting(range).withUnsafeBytes { String(validating: $0, as: UTF8.self) }
  }
}
