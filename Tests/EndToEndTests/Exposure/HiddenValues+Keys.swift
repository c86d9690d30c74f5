import Foundation
import TestSupport

extension HiddenValues {
  /// Adds the private numbers of a key, PKCS #8 in PEM, by which it is found in DER, and a piece of its text.
  func add(_ name: String, keyPEM: [UInt8]) throws {
    let lines = String(decoding: keyPEM, as: UTF8.self).split(separator: "\n").dropFirst().dropLast()
    guard let der = Data(base64Encoded: lines.joined()).map({ Array($0) }) else {
      throw TestSupportError("\(name) is no PEM")
    }
    let inner = try Self.privateKey(of: der)
    let numbers = Self.numbers(in: inner)
    if numbers.count == 9 {
      // RSAPrivateKey (RFC 8017 appendix A.1.2): version, modulus and public exponent are no secrets.
      let names = [
        "private exponent", "first prime", "second prime", "first exponent", "second exponent", "coefficient",
      ]
      for (part, number) in zip(names, numbers.dropFirst(3)) { add("\(name), \(part)", number) }
    } else {
      // ECPrivateKey (RFC 5915): version 1, then the number in 32 bytes for P-256.
      let mark: [UInt8] = [0x02, 0x01, 0x01, 0x04, 0x20]
      guard let start = inner.indices.first(where: { inner[$0...].starts(with: mark) }) else {
        throw TestSupportError("\(name) is neither RSA nor P-256")
      }
      add(name, Array(inner[(start + mark.count)...].prefix(32)))
    }
    // What stands before the first private number, 36 bytes for P-256, is the same for all keys, or public.
    let text = lines.joined()
    let secret = numbers.count == 9 ? text.suffix(200).prefix(120) : text.dropFirst(48).prefix(40)
    add("\(name), in PEM", String(secret))
  }

  /// What is in the OCTET STRING of a PrivateKeyInfo (RFC 5208 section 5): the last of its three parts.
  private static func privateKey(of der: [UInt8]) throws -> [UInt8] {
    let parts = elements(elements(der).first?.content ?? [])
    guard let last = parts.last(where: { $0.tag == 0x04 }) else { throw TestSupportError("the key is no PKCS #8") }
    return last.content
  }

  private static func numbers(in der: [UInt8]) -> [[UInt8]] {
    elements(elements(der).first?.content ?? []).filter { $0.tag == 0x02 }
      .map { Array($0.content.drop { $0 == 0 }) }
  }

  /// The elements that follow each other in `der` (X.690 section 8.1).
  private static func elements(_ der: [UInt8]) -> [(tag: UInt8, content: [UInt8])] {
    var found: [(tag: UInt8, content: [UInt8])] = []
    var rest = der[...]
    while let tag = rest.popFirst(), let first = rest.popFirst() {
      var length = Int(first)
      if first >= 0x80 {
        let bytes = rest.prefix(Int(first & 0x7F))
        rest = rest.dropFirst(bytes.count)
        length = bytes.reduce(0) { $0 << 8 | Int($1) }
      }
      found.append((tag, Array(rest.prefix(length))))
      rest = rest.dropFirst(length)
    }
    return found
  }
}
