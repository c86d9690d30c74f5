import Testing

@testable import Crypto

@Suite struct SecureRandomTests {
  @Test("words that would make some numbers likelier are drawn again")
  func rejection() throws {
    // 2^64 is 1 modulo 3 and modulo 5, and 6 modulo 10: so many of the lowest words are surplus.
    for (bound, surplus) in [(3, 1), (5, 1), (10, 6), (8, 0), (1, 0)] as [(Int, UInt64)] {
      var words: [UInt64] = Array(0...surplus).reversed()
      let index = try SecureRandom.index(below: bound) { () throws(CryptoError) in words.removeLast() }
      #expect(words.isEmpty)
      #expect(index == Int(surplus % UInt64(bound)))
    }
    let greatest = try SecureRandom.index(below: 10) { () throws(CryptoError) in .max }
    #expect(greatest == 5)
  }

  @Test("every number below the bound comes, and none above")
  func range() throws {
    let drawn = try (0..<2_000).map { _ in try SecureRandom.index(below: 7) }
    #expect(Set(drawn) == Set(0..<7))
    #expect(try SecureRandom.index(below: 1) == 0)
    // Seven bins of 286 on average: a bin outside 150...430 comes once in more than 10^15 runs.
    for number in 0..<7 { #expect((150...430).contains(drawn.count { $0 == number })) }
  }

  @Test("a shuffle keeps the elements, and brings each to each place")
  func shuffle() throws {
    var places: [Set<Int>] = Array(repeating: [], count: 4)
    for _ in 0..<400 {
      var elements = Array(0..<4)
      try SecureRandom.shuffle(&elements)
      #expect(elements.sorted() == Array(0..<4))
      for (place, element) in elements.enumerated() { places[place].insert(element) }
    }
    #expect(places.allSatisfy { $0.count == 4 })
    var none: [Int] = []
    try SecureRandom.shuffle(&none)
    #expect(none == [])
  }
}
