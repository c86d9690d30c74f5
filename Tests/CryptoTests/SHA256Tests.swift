import Crypto
import Testing

@Suite struct SHA256Tests {
  @Test("gives the digests of FIPS 180's examples")
  func vectors() {
    #expect(
      hex(SHA256.digest("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      hex(SHA256.digest([UInt8]())) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test("gives random bytes of the asked length that differ each time")
  func random() throws {
    #expect(try SecureRandom.bytes(0).isEmpty)
    let drawn = try (0..<50).map { _ in try SecureRandom.bytes(16) }
    #expect(drawn.allSatisfy { $0.count == 16 })
    #expect(Set(drawn).count == 50)
  }

  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { (byte: UInt8) in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}
