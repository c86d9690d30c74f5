import FederationAPI
import Testing

@testable import Gateway

/// The literal against the plainest way to write one, scalar by scalar.
@Suite struct JSONStringLiteralReferenceTests {
  private func reference(_ bytes: [UInt8]) -> [UInt8]? {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    var literal = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": literal += "\\\""
      case "\\": literal += "\\\\"
      case "\n": literal += "\\n"
      case "\r": literal += "\\r"
      case "\t": literal += "\\t"
      case "\u{0}"..."\u{1F}", "<", ">", "&", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        literal += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: literal.unicodeScalars.append(scalar)
      }
    }
    return Array((literal + "\"\n").utf8)
  }

  /// What ``JSONStringLiteral`` writes into room of the size that it counted, between two bytes that must stay.
  private func written(_ bytes: [UInt8]) -> [UInt8]? {
    guard let count = JSONStringLiteral.count(bytes.span.bytes) else { return nil }
    var room = [UInt8](repeating: 0xFE, count: count + 2)
    room.withUnsafeMutableBytes { room in
      JSONStringLiteral.write(bytes.span.bytes, to: UnsafeMutableRawBufferPointer(rebasing: room[1..<count + 1]))
    }
    #expect(room.first == 0xFE && room.last == 0xFE)
    return Array(room.dropFirst().dropLast())
  }

  private func check(_ bytes: [UInt8]) {
    let expected = reference(bytes)
    #expect(written(bytes) == expected, "\(bytes.prefix(40))")
    let secret = JSONStringLiteral.encode(bytes.span.bytes).map { $0.withBytes { $0.withUnsafeBytes { Array($0) } } }
    #expect(secret == expected, "\(bytes.prefix(40))")
    if let text = String(validating: bytes, as: UTF8.self) { #expect(JSONStringLiteral.encode(text) == expected) }
  }

  @Test("every byte alone, at either end and in the middle")
  func everyByte() {
    for byte in UInt8.min...UInt8.max {
      for bytes in [[byte], [byte, 0x61], [0x61, byte], [0x61, byte, 0x61], [byte, byte], [0x0A, byte, 0x22]] {
        check(bytes)
      }
    }
  }

  @Test("every two and three bytes that start as the separators do, whole or cut short")
  func separators() {
    check([0xE2])
    for second in UInt8.min...UInt8.max {
      check([0xE2, second])
      for last: UInt8 in [0x00, 0x7F, 0x80, 0xA7, 0xA8, 0xA9, 0xAA, 0xBF, 0xC0, 0xE2] {
        check([0xE2, second, last])
        check([0x61, 0xE2, second, last, 0x62])
      }
    }
    for ending in ["\u{2028}", "\u{2029}", "\u{2028}\u{2029}", "\u{2027}\u{2028}", "\u{202A}"] {
      for text in [ending, "a" + ending, ending + "a", ending + ending, "\n" + ending, "â" + ending + "â"] {
        check(Array(text.utf8))
        check(Array(text.utf8.dropLast()))
        check(Array(text.utf8.dropFirst()))
      }
    }
  }

  @Test("random bytes and random texts")
  func random() {
    var random = Numbers(state: 1)
    let scalars: [Unicode.Scalar] = ["a", "\"", "\\", "\n", "<", "é", "\u{2028}", "\u{2029}", "\u{20AC}", "😀", "\u{1}"]
    for _ in 0..<5_000 {
      check((0..<Int.random(in: 0...6, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
      var text = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0...20, using: &random) {
        if let scalar = scalars.randomElement(using: &random) { text.append(scalar) }
      }
      var bytes = Array(String(text).utf8)
      check(bytes)
      if !bytes.isEmpty { bytes.remove(at: Int.random(in: 0..<bytes.count, using: &random)) }
      check(bytes)
    }
  }

  @Test(
    "large values, with an escape nowhere, everywhere and at the very end", arguments: ["x", "\n", "\u{2029}", "é"])
  func large(piece: String) {
    for count in [65_535, 65_536, 1 << 20] {
      check(Array((String(repeating: piece, count: count / piece.utf8.count) + "\"").utf8))
    }
    check([UInt8](repeating: 0x61, count: 1 << 20) + [0x80])
  }
}
