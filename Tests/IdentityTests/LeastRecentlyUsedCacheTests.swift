import Crypto
import FederationAPI
import Testing

@testable import Identity

@Suite struct LeastRecentlyUsedCacheTests {
  @Test("drops what was not used the longest once the cost is past the maximum")
  func order() {
    var cache = LeastRecentlyUsedCache<String, Int>(maximumCost: 3)
    for (number, key) in ["a", "b", "c"].enumerated() { cache.insert(number, for: key, cost: 1) }
    #expect(cache.value(for: "a") == 0)
    cache.insert(3, for: "d", cost: 1)
    #expect(cache.value(for: "b") == nil)
    cache.insert(4, for: "e", cost: 2)
    #expect(cache.value(for: "c") == nil)
    #expect(cache.value(for: "a") == nil)
    #expect(cache.value(for: "d") == 3)
    #expect(cache.value(for: "e") == 4)
    #expect(cache.cost == 3)
  }

  @Test("replaces, removes and refuses what is too large")
  func edges() {
    var cache = LeastRecentlyUsedCache<Int, String>(maximumCost: 10)
    cache.insert("one", for: 1, cost: 10)
    cache.insert("uno", for: 1, cost: 4)
    #expect(cache.cost == 4)
    #expect(cache.value(for: 1) == "uno")
    cache.insert("large", for: 2, cost: 11)
    #expect(cache.value(for: 2) == nil)
    #expect(cache.value(for: 1) == "uno")
    cache.remove(1)
    cache.remove(1)
    #expect(cache.cost == 0)
    #expect(cache.count == 0)
    cache.insert("again", for: 3, cost: 1)
    cache.removeAll()
    #expect(cache.value(for: 3) == nil)
  }

  @Test("agrees with a plain list over many random steps")
  func model() {
    var cache = LeastRecentlyUsedCache<Int, Int>(maximumCost: 20)
    var model: [(key: Int, value: Int, cost: Int)] = []
    var generator = SystemRandomNumberGenerator()
    for step in 0..<5_000 {
      let key = Int.random(in: 0..<12, using: &generator)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0:
        let cost = Int.random(in: 1...6, using: &generator)
        cache.insert(step, for: key, cost: cost)
        model.removeAll { $0.key == key }
        model.append((key, step, cost))
        while model.reduce(0, { $0 + $1.cost }) > 20 { model.removeFirst() }
      case 1:
        cache.remove(key)
        model.removeAll { $0.key == key }
      default:
        let index = model.firstIndex { $0.key == key }
        #expect(cache.value(for: key) == index.map { model[$0].value })
        if let index { model.append(model.remove(at: index)) }
      }
      #expect(cache.count == model.count)
      #expect(cache.cost == model.reduce(0) { $0 + $1.cost })
    }
  }

  @Test("keyed by digests, 10,000 tokens go in the order of their last use")
  func digests() {
    let context = SHA256Context()
    let keys = (0..<10_000).map { number in
      TokenDigest(token: "token-\(number)".utf8.span.bytes, caCertificates: RawSpan(), context: context)
    }
    var cache = LeastRecentlyUsedCache<TokenDigest, Int>(maximumCost: 5_000)
    for (number, key) in keys.enumerated() {
      cache.insert(number, for: key, cost: 1)
      // The first hundred stay in use.
      if number >= 100 { #expect(cache.value(for: keys[number % 100]) == number % 100) }
    }
    #expect(cache.count == 5_000)
    for (number, key) in keys.enumerated() {
      let isKept = number < 100 || number >= 5_100
      guard (cache.value(for: key) == number) == isKept else {
        Issue.record("\(number)")
        return
      }
    }
  }
}
