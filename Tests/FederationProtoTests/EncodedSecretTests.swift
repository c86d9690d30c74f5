import FederationAPI
import Testing

@testable import FederationProto

@Suite struct EncodedSecretTests {
  private func written(_ encoded: EncodedSecret) -> [UInt8] {
    // One more than is needed, to see that nothing is written past the end.
    [UInt8](unsafeUninitializedCapacity: encoded.count + 1) { room, count in
      room[encoded.count] = 0xEE
      encoded.write(to: UnsafeMutableRawBufferPointer(room))
      count = encoded.count + 1
    }
  }

  @Test(
    "the bytes are those of protobuf-c",
    arguments: [1, 2, 126, 127, 128, 129, 16_383, 16_384, 16_385, 65_536, (1 << 21) - 1])
  func sameBytes(size: Int) throws {
    let value = SecretBytes((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 251) })
    let encoded = try #require(EncodedSecret(getSecretResponse: value))
    let bytes = written(encoded)
    #expect(bytes.last == 0xEE)
    #expect(Array(bytes.dropLast()) == GetSecretResponse.protobuf(value: value))
    #expect(encoded.secret == value)
  }

  @Test("what protobuf leaves out, and what may be over a limit, is left to others", arguments: [0, 1 << 21, 4 << 20])
  func others(size: Int) {
    #expect(EncodedSecret(getSecretResponse: SecretBytes([UInt8](repeating: 1, count: size))) == nil)
  }
}
