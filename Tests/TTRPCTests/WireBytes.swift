/// Frames and envelopes written by hand, so that the tests do not trust the code under test to write them.
enum Wire {
  static func frame(_ streamID: UInt32, kind: UInt8, flags: UInt8 = 0, _ data: [UInt8]) -> [UInt8] {
    bigEndian(UInt32(data.count)) + bigEndian(streamID) + [kind, flags] + data
  }

  static func request(
    _ streamID: UInt32, _ method: String, payload: [UInt8] = [], timeout: Int64? = nil,
    metadata: [(String, String)] = [], service: String = "test.Service", flags: UInt8 = 0
  ) -> [UInt8] {
    var data = field(1, service) + field(2, method) + field(3, payload)
    if let timeout { data += varint(4 << 3) + varint(UInt64(bitPattern: timeout)) }
    for (key, value) in metadata { data += field(5, field(1, key) + field(2, value)) }
    return frame(streamID, kind: 1, flags: flags, data)
  }

  static func response(_ streamID: UInt32, payload: [UInt8]) -> [UInt8] {
    frame(streamID, kind: 2, field(2, payload))
  }

  static func bigEndian(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  static func field(_ number: Int, _ bytes: [UInt8]) -> [UInt8] {
    varint(UInt64(number << 3 | 2)) + varint(UInt64(bytes.count)) + bytes
  }

  static func field(_ number: Int, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

  static func varint(_ value: UInt64) -> [UInt8] {
    var rest = value
    var bytes: [UInt8] = []
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}

/// A seeded generator (SplitMix64), so that a failure can be run again.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
