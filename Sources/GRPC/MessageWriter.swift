/// Writes protobuf fields (protobuf.dev, "Encoding"), for the few messages of health and reflection.
struct MessageWriter {
  private(set) var bytes: [UInt8] = []

  /// A length-delimited field.
  mutating func append(_ field: UInt8, _ value: some Collection<UInt8>) {
    bytes.append(field << 3 | 2)
    varint(UInt64(value.count))
    bytes += value
  }

  /// A number, left out when it is 0.
  mutating func append(_ field: UInt8, number: UInt64) {
    guard number != 0 else { return }
    bytes.append(field << 3)
    varint(number)
  }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
