import FederationAPI
import Testing

@Suite struct SecretBytesTests {
  @Test("no way of printing shows a byte")
  func redacted() {
    let secret = SecretBytes("hunter2")
    var dumped = ""
    dump(secret, to: &dumped)
    for text in ["\(secret)", String(describing: secret), String(reflecting: secret), "\([secret])", dumped] {
      #expect(!text.contains("hunter2"))
    }
    #expect("\(secret)" == "<7 secret bytes>")
  }

  @Test(
    "equality is that of the bytes",
    arguments: [("a", "a", true), ("a", "b", false), ("a", "aa", false), ("", "", true)])
  func equality(left: String, right: String, isEqual: Bool) {
    #expect((SecretBytes(left) == SecretBytes(right)) == isEqual)
  }

  @Test("text is there only where the bytes are UTF-8")
  func text() {
    #expect(SecretBytes("schlüssel").text == "schlüssel")
    #expect(SecretBytes([0xFF, 0xFE]).text == nil)
    #expect(SecretBytes([]).text == "")
    #expect(SecretBytes([0, 1, 2]).count == 3)
  }

  @Test("every byte counts for equality")
  func everyByte() {
    let bytes = (0..<100).map { UInt8($0) }
    for index in bytes.indices {
      var other = bytes
      other[index] ^= 0x80
      #expect(SecretBytes(bytes) != SecretBytes(other))
    }
  }

  @Test("the bytes are wiped with their last owner")
  func wiped() {
    let pattern: [UInt8] = Array(repeating: 0x5A, count: 480)
    var secret: SecretBytes? = SecretBytes(pattern)
    var shared = secret
    let address = secret?.withBytes { $0.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } } ?? 0
    let start = UnsafePointer<UInt8>(bitPattern: address)
    secret = nil
    #expect(shared?.withBytes { $0.byteCount } == 480)
    #expect(start.map { UnsafeBufferPointer(start: $0, count: 480).count { $0 == 0x5A } } == 480)
    shared = nil
    // Freed, but this small it stays mapped; whoever got it since did not write this.
    #expect(start.map { UnsafeBufferPointer(start: $0, count: 480).count { $0 == 0x5A } } ?? 0 < 20)
  }

  @Test("bytes that are wiped are kept, and gone where they came from")
  func wiping() {
    var bytes: [UInt8] = [1, 2, 3]
    let secret = SecretBytes(wiping: &bytes)
    #expect(secret.copied == [1, 2, 3])
    #expect(bytes == [0, 0, 0])
    var none: [UInt8] = []
    #expect(SecretBytes(wiping: &none).copied == [])
  }
}
