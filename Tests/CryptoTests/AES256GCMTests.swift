import Crypto
import FederationAPI
import Testing

@Suite struct AES256GCMTests {
  private let key = SecretBytes((0..<32).map { UInt8($0) })
  private let message = Array("a secret".utf8)

  @Test("opens the 256-bit vectors of the GCM specification")
  func vectors() throws {
    let zero = try AES256GCM(key: SecretBytes([UInt8](repeating: 0, count: 32)))
    let first = try zero.open(
      [UInt8](repeating: 0, count: 12) + hex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"),
      authenticating: [])
    #expect(first == SecretBytes([UInt8](repeating: 0, count: 16)))
    let half = hex("feffe9928665731c6d6a8f9467308308")
    let second = try AES256GCM(key: SecretBytes(half + half)).open(
      hex(
        "cafebabefacedbaddecaf888"
          + "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e63"
          + "93ba7a0abcc9f662" + "76fc6ece0f4e1768cddf8853bb2d551b"),
      authenticating: hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"))
    #expect(
      second
        == SecretBytes(
          hex(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aed"
              + "f5aa0de657ba637b39")))
  }

  @Test("opens what it sealed, empty and large", arguments: [0, 1, 16, 100_000])
  func roundTrip(count: Int) throws {
    let cipher = try AES256GCM(key: key)
    let plaintext = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    let sealed = try cipher.seal(plaintext.span.bytes, authenticating: [7])
    #expect(sealed.count == count + 28)
    #expect(try cipher.open(sealed, authenticating: [7]) == SecretBytes(plaintext))
  }

  @Test("never seals the same way twice")
  func nonces() throws {
    let cipher = try AES256GCM(key: key)
    let sealed = try (0..<100).map { _ in try cipher.seal(message.span.bytes, authenticating: []) }
    #expect(Set(sealed).count == 100)
  }

  @Test("refuses every changed byte, a cut, another context and another key")
  func changes() throws {
    let cipher = try AES256GCM(key: key)
    let sealed = try cipher.seal(message.span.bytes, authenticating: [1])
    for index in sealed.indices {
      var changed = sealed
      changed[index] ^= 1
      #expect(throws: CryptoError.authenticationFailed) { try cipher.open(changed, authenticating: [1]) }
    }
    for length in 0..<sealed.count {
      #expect(throws: CryptoError.authenticationFailed) {
        try cipher.open(Array(sealed.prefix(length)), authenticating: [1])
      }
    }
    #expect(throws: CryptoError.authenticationFailed) { try cipher.open(sealed, authenticating: []) }
    #expect(throws: CryptoError.authenticationFailed) { try cipher.open(sealed, authenticating: [2]) }
    let other = try AES256GCM(key: SecretBytes([UInt8](repeating: 9, count: 32)))
    #expect(throws: CryptoError.authenticationFailed) { try other.open(sealed, authenticating: [1]) }
  }

  @Test("refuses keys of another length", arguments: [0, 16, 31, 33])
  func keyLength(count: Int) {
    #expect(throws: CryptoError.self) { try AES256GCM(key: SecretBytes([UInt8](repeating: 0, count: count))) }
  }

  private func hex(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}
