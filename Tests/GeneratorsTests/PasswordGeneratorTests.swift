import FederationAPI
import Foundation
import Resources
import Testing

@testable import Generators

@Suite struct PasswordGeneratorTests {
  private func passwords(_ spec: String, count: Int = 50) async throws -> [String] {
    let bench = try GeneratorBench("Password", spec)
    var passwords: [String] = []
    for _ in 0..<count {
      let values = try await bench.values()
      #expect(Array(values.keys) == ["password"])
      passwords.append(try #require(values["password"]))
    }
    return passwords
  }

  private func counts(_ password: String) -> (digits: Int, symbols: Int, upper: Int, lower: Int) {
    let bytes = Array(password.utf8)
    let digits = bytes.count { (0x30...0x39).contains($0) }
    let upper = bytes.count { (0x41...0x5A).contains($0) }
    let lower = bytes.count { (0x61...0x7A).contains($0) }
    return (digits, bytes.count - digits - upper - lower, upper, lower)
  }

  @Test("by default 24 characters, of them 6 digits and 6 symbols, none twice")
  func defaults() async throws {
    let passwords = try await passwords("{}")
    for password in passwords {
      #expect(password.utf8.count == 24)
      #expect(counts(password).digits == 6)
      #expect(counts(password).symbols == 6)
      #expect(Set(password.utf8).count == 24)
    }
    #expect(Set(passwords).count == passwords.count)
    #expect(passwords.contains { counts($0).upper > 0 })
  }

  @Test("the counts are exact, and only the symbols that are named come")
  func exact() async throws {
    for password in try await passwords(
      "length: 100\ndigits: 33\nsymbols: 7\nsymbolCharacters: '-_'\nnoUpper: true\nallowRepeat: true")
    {
      #expect(counts(password) == (33, 7, 0, 60))
      #expect(password.utf8.allSatisfy { counts(String(UnicodeScalar($0))).symbols == 0 || "-_".utf8.contains($0) })
    }
  }

  @Test("every kind of character comes to every place")
  func shuffled() async throws {
    let passwords = try await passwords("length: 4\ndigits: 1\nsymbols: 1", count: 300)
    for place in 0..<4 {
      let kinds = passwords.map { counts(String(UnicodeScalar(Array($0.utf8)[place]))) }
      #expect(kinds.contains { $0.digits == 1 })
      #expect(kinds.contains { $0.symbols == 1 })
      #expect(kinds.contains { $0.digits + $0.symbols == 0 })
    }
  }

  @Test("the whole of each alphabet is used, where nothing may repeat")
  func whole() async throws {
    for password in try await passwords("length: 92\ndigits: 10\nsymbols: 30", count: 5) {
      let symbols = PasswordSpec.defaultSymbolCharacters
      let all = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" + symbols
      #expect(password.utf8.sorted() == all.utf8.sorted())
    }
  }

  @Test("the longest comes too")
  func longest() async throws {
    let password = try #require(try await passwords("length: 4096\nallowRepeat: true", count: 1).first)
    #expect(counts(password).digits == 1_024)
    #expect(password.utf8.count == 4_096)
  }

  @Test("each encoding gives back the characters")
  func encodings() async throws {
    let base64 = try #require(try await passwords("{length: 25, encoding: base64}", count: 1).first)
    #expect(try #require(Data(base64Encoded: base64)).count == 25)
    let url = try #require(try await passwords("{length: 25, encoding: base64url}", count: 1).first)
    let standard = url.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
    #expect(try #require(Data(base64Encoded: standard)).count == 25)
    let base32 = try #require(try await passwords("{length: 25, encoding: base32}", count: 1).first)
    #expect(base32.utf8.count == 40)
    #expect(TextEncoding.decodeBase32(base32.utf8)?.count == 25)
    let hex = try #require(try await passwords("{length: 25, encoding: hex}", count: 1).first)
    #expect(hex.utf8.count == 50)
    #expect(hex.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) })
  }
}

@Suite struct TextEncodingTests {
  /// RFC 4648 section 10.
  @Test(
    "gives the RFC's examples",
    arguments: [
      ("", "", "", ""), ("f", "Zg==", "MY======", "66"), ("fo", "Zm8=", "MZXQ====", "666f"),
      ("foo", "Zm9v", "MZXW6===", "666f6f"), ("foob", "Zm9vYg==", "MZXW6YQ=", "666f6f62"),
      ("fooba", "Zm9vYmE=", "MZXW6YTB", "666f6f6261"), ("foobar", "Zm9vYmFy", "MZXW6YTBOI======", "666f6f626172"),
    ])
  func vectors(_ text: String, _ base64: String, _ base32: String, _ hex: String) {
    func encoded(_ encoding: TextEncoding) -> String { String(decoding: encoding.encode(text.utf8), as: UTF8.self) }
    #expect(encoded(.base64) == base64)
    #expect(encoded(.base64url) == base64)
    #expect(encoded(.base32) == base32)
    #expect(encoded(.hex) == hex)
    #expect(TextEncoding.decodeBase32(base32.utf8) == Array(text.utf8))
    #expect(TextEncoding.decodeBase32(base32.lowercased().filter { $0 != "=" }.utf8) == Array(text.utf8))
    #expect(TextEncoding.decodeBase32(base32.map { "\($0) " }.joined().utf8) == Array(text.utf8))
  }

  @Test("the two alphabets of base64 differ where they must")
  func alphabets() {
    #expect(TextEncoding.base64.encode([0xFB, 0xFF]) == Array("+/8=".utf8))
    #expect(TextEncoding.base64url.encode([0xFB, 0xFF]) == Array("-_8=".utf8))
  }

  @Test("what is no base32 is refused", arguments: ["A", "ABC", "ABCDEF", "A=A", "AB1", "AB0", "AB8", "ÄB", "AB\u{0}"])
  func bad(_ text: String) { #expect(TextEncoding.decodeBase32(text.utf8) == nil) }
}
