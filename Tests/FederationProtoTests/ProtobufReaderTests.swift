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
}
