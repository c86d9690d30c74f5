import FederationAPI

/// Writes the fields of protobuf messages into one array, whose size is reckoned first: an array that grew would leave
/// parts of secrets in freed memory.
struct ProtobufWriter: ~Copyable {
  /// What was written so far.
  private(set) var bytes: [UInt8] = []

  /// Makes room for `count` bytes.
  init(count: Int) { bytes.reserveCapacity(count) }

  /// Bytes of a length-delimited field with `count` bytes in it, whose number is below 16.
  static func fieldSize(_ count: Int) -> Int { 1 + varintSize(UInt64(count)) + count }

  /// Bytes of a varint.
  static func varintSize(_ value: UInt64) -> Int { max(1, (UInt64.bitWidth - value.leadingZeroBitCount + 6) / 7) }

  /// Begins a length-delimited field; its `count` bytes follow.
  mutating func begin(_ number: UInt8, count: Int) {
    bytes.append(number << 3 | 2)
    append(varint: UInt64(count))
  }

  /// Writes a whole length-delimited field.
  mutating func append(_ number: UInt8, _ content: RawSpan) {
    begin(number, count: content.byteCount)
    content.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }

  /// As the other form, for a string; one that is empty is left out.
  mutating func append(_ number: UInt8, _ text: String) {
    if !text.isEmpty { append(number, text.utf8.span.bytes) }
  }

  /// Bytes that ``append(_:_:)`` writes for `text`.
  static func fieldSize(_ text: String) -> Int { text.isEmpty ? 0 : fieldSize(text.utf8.count) }

  /// Writes a varint field.
  mutating func append(_ number: UInt8, varint value: UInt64) {
    bytes.append(number << 3)
    append(varint: value)
  }

  private mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}
