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

  private func labelled(_ value: String, _ label: String) -> SecretBytes {
    SecretBytes(value.utf8.span.bytes, label: label.utf8.span.bytes)
  }

  private func isLabelled(_ secret: SecretBytes, _ name: String) -> Bool { secret.isLabelled(name.utf8.span.bytes) }

  @Test("a label is told by its bytes, and counts neither as length, nor for equality, nor as text")
  func label() {
    let secret = labelled("value", "key")
    #expect(isLabelled(secret, "key"))
    for other in ["", "ke", "keyv", "keyvalue", "Key", "value"] { #expect(!isLabelled(secret, other), "\(other)") }
    #expect(secret.count == 5)
    #expect(secret.text == "value")
    #expect(secret == SecretBytes("value"))
    #expect(secret == labelled("value", "other"))
    #expect(secret != SecretBytes("keyvalue"))
    #expect("\(secret)" == "<5 secret bytes>")
    #expect(isLabelled(SecretBytes("value"), ""))
    #expect(isLabelled(labelled("", "key"), "key"))
    #expect(labelled("", "key").text == "")
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

  @Test("with its last owner, label and value are wiped")
  func wiped() {
    let pattern: [UInt8] = Array(repeating: 0x5A, count: 480)
    var secret: SecretBytes? = SecretBytes(pattern.span.bytes, label: Array("label-of-it".utf8).span.bytes)
    var shared = secret
    let address = secret?.withBytes { $0.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } } ?? 0
    let start = UnsafePointer<UInt8>(bitPattern: address - 11)
    #expect(start.map { Array(UnsafeBufferPointer(start: $0, count: 11)) } == Array("label-of-it".utf8))
    secret = nil
    #expect(shared?.withBytes { $0.byteCount } == 480)
    #expect(start.map { UnsafeBufferPointer(start: $0, count: 491).count { $0 == 0x5A } } == 480)
    shared = nil
    // Freed, but this small it stays mapped; whoever got it since did not write this.
    #expect(start.map { UnsafeBufferPointer(start: $0, count: 491).count { $0 == 0x5A } } ?? 0 < 20)
  }
}
