import Testing

@testable import LoadGenerator

@Suite struct ValueRuleTests {
  private func text(_ rule: ValueRule, _ key: Int) -> String { String(decoding: rule.value(of: key), as: UTF8.self) }

  @Test("a value is the key and a point, repeated and cut")
  func values() {
    #expect(text(ValueRule(size: 16), 1) == "key-1.key-1.key-")
    #expect(text(ValueRule(size: 3), 0) == "key")
    #expect(text(ValueRule(size: 9), 12_345) == "key-12345")
  }

  @Test("sizes by weight: the weights divided by what they share, then the key modulo their sum")
  func sizes() throws {
    let rule = try ValueRule(text: "64:90,4096:10")
    #expect((0..<20).map { rule.size(of: $0) } == ([Int](repeating: 64, count: 9) + [4_096]) * 2)
    #expect(rule.maximumSize == 4_096 && rule.onlySize == nil)
    #expect(try ValueRule(text: "7").size(of: 3) == 7)
    #expect(try ValueRule(text: "5,6").size(of: 3) == 6)
  }

  @Test("what is no list of sizes is refused", arguments: ["", "0", "x", "64:", "64:0", "64:1:2", "64,,5", "9999999"])
  func refused(text: String) {
    #expect(throws: BenchError.self) { try ValueRule(text: text) }
  }

  private func matches(_ rule: ValueRule, _ bytes: [UInt8], _ range: Range<Int>, _ key: Int) -> Bool {
    rule.matches(bytes.span.bytes, range, key: key)
  }

  @Test("a value is known as its key's and no other's, whatever its size", arguments: [0, 9, 10, 99, 123_456])
  func matching(key: Int) {
    for size in [1, 3, 4, 5, 6, 7, 8, 11, 12, 64, 1_000] {
      let rule = ValueRule(size: size)
      // Not at the start of what is read, so that a wrong offset shows.
      let value = [0, 1] + rule.value(of: key) + [2]
      let range = 2..<2 + size
      #expect(matches(rule, value, range, key))
      #expect(!matches(rule, value, 2..<3 + size, key))
      for place in range {
        var broken = value
        broken[place] ^= 1
        #expect(!matches(rule, broken, range, key), "size \(size), byte \(place - 2)")
      }
      if size > 5 + decimalDigits(of: key) {
        #expect(!matches(rule, value, range, key + 1))
      }
    }
  }
}

private func * (list: [Int], count: Int) -> [Int] { (0..<count).flatMap { _ in list } }
