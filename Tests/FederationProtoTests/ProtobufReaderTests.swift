@testable import FederationProto
import Testing

@Suite struct ProtobufReaderTests {
  private func fields(_ bytes: [UInt8]) throws(ProtobufWireError) -> [ProtobufReader.Field] {
    var reader = ProtobufReader(0..<bytes.count)
    var fields: [ProtobufReader.Field] = []
    while let field = try reader.next(in: bytes.span.bytes) { fields.append(field) }
    return fields
  }

  @Test("reads every wire type of proto3")
  func everyWireType() throws {
    let bytes: [UInt8] = [
      0x08, 0xAC, 0x02, 0x11, 1, 2, 3, 4, 5, 6, 7, 8, 0x1A, 2, 0x61, 0x62, 0x25, 1, 2, 3, 4, 0x2A, 0,
    ]
    #expect(
      try fields(bytes) == [
        .init(number: 1, value: .varint(300)), .init(number: 2, value: .fixed64(4..<12)),
        .init(number: 3, value: .bytes(14..<16)), .init(number: 4, value: .fixed32(17..<21)),
        .init(number: 5, value: .bytes(23..<23)),
      ])
  }

  @Test("reads the largest varint and refuses one bit more")
  func largestVarint() throws {
    let nines = [UInt8](repeating: 0xFF, count: 9)
    #expect(try fields([0x08] + nines + [0x01]) == [.init(number: 1, value: .varint(.max))])
    #expect(throws: ProtobufWireError.overlongVarint) { try fields([0x08] + nines + [0x02]) }
    #expect(throws: ProtobufWireError.overlongVarint) { try fields([0x08] + nines + [0x81, 0x00]) }
  }

  @Test(
    "refuses what is not protobuf",
    arguments: [
      ([0x08], .truncated), ([0x08, 0x80], .truncated), ([0x0A, 1], .truncated), ([0x0D, 1, 2, 3], .truncated),
      ([0x09, 1, 2, 3, 4, 5, 6, 7], .truncated), ([0x00, 0], .badFieldNumber), ([0x0B], .badWireType),
      ([0x0C], .badWireType), ([0x0E], .badWireType), ([0x0F], .badWireType),
      ([0x88, 0x80, 0x80, 0x80, 0x10, 0], .badFieldNumber),
      ([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], .truncated),
    ] as [([UInt8], ProtobufWireError)])
  func refuses(bytes: [UInt8], error: ProtobufWireError) {
    #expect(throws: error) { try fields(bytes) }
  }

  @Test("a field never goes past the range that the reader was given")
  func staysInItsRange() {
    let bytes: [UInt8] = [0x0A, 2, 0x61, 0x62]
    var reader = ProtobufReader(0..<3)
    #expect(throws: ProtobufWireError.truncated) { try reader.next(in: bytes.span.bytes) }
  }

  /// The varint at the start of `bytes`, read by the rule and nothing else.
  private func plainVarint(_ bytes: [UInt8], end: Int) -> Result<(value: UInt64, count: Int), ProtobufWireError> {
    var value: UInt64 = 0
    for index in 0..<end {
      if index == 9, bytes[index] > 1 { return .failure(.overlongVarint) }
      value |= UInt64(bytes[index] & 0x7F) << UInt64(7 * index)
      if bytes[index] < 0x80 { return .success((value, index + 1)) }
    }
    return .failure(.truncated)
  }

  @Test("every varint is read alike wherever the range ends, however many bytes lie behind it")
  func endOfRange() {
    let heads: [[UInt8]] = [
      [0x00], [0x01], [0x7F], [0x80], [0xFF], [0x80, 0x00], [0x80, 0x01], [0xFF, 0x7F], [0x80, 0x80], [0xFF, 0xFF],
      [0x80, 0x80, 0x00], [0x80, 0x80, 0x01], [0xFF, 0xFF, 0x7F], [0x80, 0x80, 0x80, 0x80, 0x10],
      [UInt8](repeating: 0x80, count: 9) + [0x00], [UInt8](repeating: 0xFF, count: 9) + [0x01],
      [UInt8](repeating: 0xFF, count: 9) + [0x02], [UInt8](repeating: 0x80, count: 12) + [0x00],
    ]
    for head in heads {
      for after in [[], [0x00], [0x01, 0x02], [0x80, 0x80]] as [[UInt8]] {
        let bytes = head + after
        for end in 0...bytes.count {
          var reader = ProtobufReader(0..<end)
          let read = Result { () throws(ProtobufWireError) in try reader.varint(in: bytes.span.bytes) }
          switch (read, plainVarint(bytes, end: end)) {
          case (.success(let value), .success(let expected)):
            #expect(value == expected.value && reader.position == expected.count, "\(bytes) to \(end)")
          case (.failure(let error), .failure(let expected)): #expect(error == expected, "\(bytes) to \(end)")
          case (let read, _): Issue.record("\(bytes) to \(end): \(read)")
          }
        }
      }
    }
  }

  @Test("all varints of one and two bytes have their value, with nothing behind them and with something")
  func shortVarints() throws {
    for value in 0..<UInt64(1 << 14) {
      let bytes = varint(value)
      for more in [[], [0xFF], [0xFF, 0xFF]] as [[UInt8]] {
        let whole = bytes + more
        var reader = ProtobufReader(0..<whole.count)
        guard try reader.varint(in: whole.span.bytes) == value, reader.position == bytes.count else {
          Issue.record("\(whole)")
          return
        }
      }
    }
  }
}
