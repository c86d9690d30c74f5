import Testing

@testable import LoadGenerator

@Suite struct KeyChooserTests {
  private func draws(_ chooser: KeyChooser, count: Int, keys: Int) -> [Int] {
    var random = RandomNumbers(seed: 5)
    var counts = [Int](repeating: 0, count: keys)
    for _ in 0..<count { counts[chooser.next(&random)] += 1 }
    return counts
  }

  @Test("uniform: each key about as often as the others")
  func uniform() {
    let counts = draws(KeyChooser(count: 50, distribution: .uniform), count: 100_000, keys: 50)
    #expect(counts.allSatisfy { abs($0 - 2_000) < 250 }, "\(counts)")
  }

  @Test("zipf: key k in proportion to 1 / (k + 1)^0.99")
  func zipf() {
    let keys = 100
    let weights = (0..<keys).map { 1 / power(Double($0 + 1), 0.99) }
    let total = weights.reduce(0, +)
    let counts = draws(KeyChooser(count: keys, distribution: .zipf), count: 400_000, keys: keys)
    for (key, count) in counts.enumerated() {
      let expected = 400_000 * weights[key] / total
      // Five standard deviations.
      #expect(abs(Double(count) - expected) < 5 * expected.squareRoot(), "key-\(key): \(count), not \(expected)")
    }
  }

  @Test("the same seed draws the same keys, and one key needs no draw")
  func repeatable() {
    let chooser = KeyChooser(count: 1_000, distribution: .zipf)
    var (one, other) = (RandomNumbers(seed: 9), RandomNumbers(seed: 9))
    #expect((0..<100).map { _ in chooser.next(&one) } == (0..<100).map { _ in chooser.next(&other) })
    #expect(KeyChooser(count: 1, distribution: .zipf).next(&one) == 0)
  }
}
