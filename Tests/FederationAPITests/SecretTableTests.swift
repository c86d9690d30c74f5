import FederationAPI
import Testing

@Suite struct SecretTableTests {
  private func value(_ key: [UInt8], in table: SecretTable) -> SecretBytes? { table.value(of: key.span.bytes) }

  @Test("an empty table has nothing, not even for the empty key")
  func empty() {
    let table = SecretTable([:])
    for key in ["", "a", "key"] { #expect(value(Array(key.utf8), in: table) == nil) }
  }

  @Test("10,000 keys, among them prefixes of each other and the empty one, all have their own value")
  func manyKeys() {
    var values: [[UInt8]: SecretBytes] = [[]: SecretBytes("of the empty key")]
    for number in 0..<9_000 { values[Array("key-\(number)".utf8)] = SecretBytes("value \(number)") }
    for count in 1...999 {
      values[[UInt8](repeating: 0x61, count: count)] = SecretBytes("\(count) times a")
    }
    let table = SecretTable(values)
    #expect(values.count == 10_000)
    for (key, expected) in values where value(key, in: table) != expected {
      Issue.record("\(key)")
      return
    }
    for number in 9_000..<30_000 where value(Array("key-\(number)".utf8), in: table) != nil {
      Issue.record("\(number) is there")
      return
    }
    for missing in ["key-", "key", "k", "Key-1", "key-1 ", " key-1", "b", String(repeating: "a", count: 1_000)] {
      #expect(value(Array(missing.utf8), in: table) == nil, "\(missing)")
    }
    #expect(value([0], in: table) == nil)
  }

  @Test("keys that meet in one slot are told apart, and a miss among them ends", arguments: [1, 2, 3, 4, 5, 8])
  func collisions(count: Int) {
    // A table of `count` keys has 8 or 16 slots; these all begin at the last one, so that the search also wraps around.
    let slots = count <= 4 ? 8 : 16
    var keys: [[UInt8]] = []
    var number = 0
    while keys.count < count + 5 {
      let key = Array("k\(number)".utf8)
      if Int(truncatingIfNeeded: key.span.bytes.tableHash) & (slots - 1) == slots - 1 { keys.append(key) }
      number += 1
    }
    let stored = keys.prefix(count)
    let table = SecretTable(Dictionary(uniqueKeysWithValues: stored.map { ($0, SecretBytes($0 + [0x21])) }))
    for key in stored { #expect(value(key, in: table) == SecretBytes(key + [0x21])) }
    for key in keys.suffix(5) { #expect(value(key, in: table) == nil) }
  }

  @Test("two keys of one hash are told apart by their bytes")
  func sameHash() {
    // Each block is mixed into the hash by a function of both, so that two blocks can be made to trade places.
    func mixed(_ word: UInt64) -> UInt64 {
      let product = word.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
      return product.high ^ product.low
    }
    func key(_ first: UInt64, _ second: UInt64) -> [UInt8] {
      let start: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ 16
      let words = [start ^ first, start ^ mixed(first) ^ second]
      return words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    }
    let (left, right) = (key(3, 5), key(5, 3))
    #expect(left != right)
    let hashes = [left, right].map { $0.span.bytes.tableHash }
    #expect(hashes[0] == hashes[1], "the hash has changed: make other keys that collide")
    let both = SecretTable([left: SecretBytes("left"), right: SecretBytes("right")])
    #expect(value(left, in: both)?.text == "left")
    #expect(value(right, in: both)?.text == "right")
    let one = SecretTable([left: SecretBytes("left")])
    #expect(value(right, in: one) == nil)
  }

  @Test("empty values and values of any bytes are found")
  func values() {
    let table = SecretTable([[1]: SecretBytes([]), [2]: SecretBytes([0, 0xFF]), [0]: SecretBytes([7])])
    #expect(value([1], in: table)?.count == 0)
    #expect(value([2], in: table) == SecretBytes([0, 0xFF]))
    #expect(value([0], in: table) == SecretBytes([7]))
    #expect(value([0, 0], in: table) == nil)
  }
}
