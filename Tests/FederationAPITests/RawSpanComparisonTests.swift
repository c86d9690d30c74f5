import FederationAPI
import Testing

@Suite struct RawSpanComparisonTests {
  private func isEqual(_ left: String, _ right: String) -> (span: Bool, array: Bool) {
    // Not from its buffer's start, as texts in a frame stand.
    let padded = [0xAA, 0xAA, 0xAA] + Array(left.utf8)
    let span = padded.span.bytes.extracting(3..<padded.count)
    return (span.isEqual(to: right.utf8.span.bytes), span.isEqual(to: Array(right.utf8)))
  }

  @Test(
    "spans are equal when their bytes are, wherever they stand",
    arguments: [
      ("federation", "federation", true), ("federation", "federatioN", false), ("federation", "federatio", false),
      ("federation", "federations", false), ("federation", "federation\0", false), ("", "", true), ("", "a", false),
      ("a", "", false), ("caf\u{E9}", "cafe\u{301}", false),
    ])
  func equality(left: String, right: String, isSame: Bool) {
    #expect(isEqual(left, right) == (isSame, isSame))
  }

  @Test("a literal is compared by its bytes, and a start is no longer than the whole")
  func literals() {
    func check(_ text: String, _ body: (RawSpan) -> Bool) -> Bool { body(text.utf8.span.bytes) }
    #expect(check("Bearer x") { $0.isEqual(to: "Bearer x") })
    #expect(check("Bearer x") { !$0.isEqual(to: "Bearer ") && !$0.isEqual(to: "Bearer xy") && !$0.isEqual(to: "") })
    #expect(check("Bearer x") { $0.starts(with: "Bearer ") && $0.starts(with: "") && $0.starts(with: "Bearer x") })
    #expect(check("Bearer x") { !$0.starts(with: "Bearer xy") && !$0.starts(with: "bearer ") })
    #expect(check("") { $0.isEqual(to: "") && $0.starts(with: "") && !$0.starts(with: "B") && !$0.isEqual(to: "B") })
  }

  @Test("the hash is that of the bytes only, and tells lengths and zeros apart")
  func hashOfBytes() {
    let padded = [UInt8](repeating: 0xAA, count: 3) + Array("key-of-some-length".utf8)
    let hash = padded.span.bytes.extracting(3..<padded.count).tableHash
    #expect(hash == "key-of-some-length".utf8.span.bytes.tableHash)
    var seen: Set<UInt64> = []
    for count in 0...64 { seen.insert([UInt8](repeating: 0, count: count).span.bytes.tableHash) }
    #expect(seen.count == 65)
  }

  @Test(
    "the low bits that tables use are spread for keys as operators choose them",
    arguments: ["key-", "apps/prod/database/password-", "", "0000000", "00000000", "000000000000000"])
  func spread(prefix: String) {
    let (keys, buckets) = (16_384, 4_096)
    var filled = [Int](repeating: 0, count: buckets)
    var hashes: Set<UInt64> = []
    for number in 0..<keys {
      let hash = Array("\(prefix)\(number)".utf8).span.bytes.tableHash
      hashes.insert(hash)
      filled[Int(hash & UInt64(buckets - 1))] += 1
    }
    #expect(hashes.count == keys)
    // Chi-square with 4,095 degrees of freedom: mean 4,095, standard deviation 90.
    let expected = Double(keys) / Double(buckets)
    let chiSquare = filled.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    #expect(chiSquare < 5_500, "uneven: \(chiSquare), fullest \(filled.max() ?? 0)")
  }

  @Test("keys that end or begin alike are spread too")
  func suffixes() {
    let buckets = 1_024
    for pad in [1, 7, 8, 9, 31] {
      var filled = [Int](repeating: 0, count: buckets)
      for number in 0..<8_192 {
        let key = Array("\(number)".utf8) + [UInt8](repeating: 0x2E, count: pad)
        filled[Int(key.span.bytes.tableHash & UInt64(buckets - 1))] += 1
      }
      #expect((filled.max() ?? 0) < 40)
    }
  }
}
