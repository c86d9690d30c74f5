/// Which key a call asks for.
package enum KeyDistribution: String, Sendable, CaseIterable {
  /// Each as often as the others.
  case uniform
  /// Key k in proportion to 1 / (k + 1)^0.99, the skew that caches are usually measured with.
  case zipf
}

/// Draws keys, in constant time for either distribution.
package struct KeyChooser: Sendable {
  /// The exponent of ``KeyDistribution/zipf``.
  package static let zipfExponent = 0.99

  private let count: Int
  /// Walker's alias table (Vose 1991): place i is key i with `keep[i]`, and key `alias[i]` otherwise.
  private var keep: [Float] = []
  private var alias: [UInt32] = []

  /// Draws from `count` keys.
  package init(count: Int, distribution: KeyDistribution) {
    self.count = count
    if distribution == .zipf { makeTable((0..<count).map { 1 / power(Double($0 + 1), Self.zipfExponent) }) }
  }

  /// A key, from 0 to one below the count.
  package func next(_ random: inout RandomNumbers) -> Int {
    guard count > 1 else { return 0 }
    let place = random.below(count)
    guard !keep.isEmpty else { return place }
    return Float(random.unit()) < keep[place] ? place : Int(alias[place])
  }

  private mutating func makeTable(_ weights: [Double]) {
    let mean = weights.reduce(0, +) / Double(count)
    var shares = weights.map { $0 / mean }
    keep = [Float](repeating: 1, count: count)
    alias = (0..<count).map { UInt32($0) }
    var small = shares.indices.filter { shares[$0] < 1 }
    var large = shares.indices.filter { shares[$0] >= 1 }
    while let lesser = small.popLast(), let greater = large.last {
      keep[lesser] = Float(shares[lesser])
      alias[lesser] = UInt32(greater)
      shares[greater] -= 1 - shares[lesser]
      if shares[greater] < 1 {
        large.removeLast()
        small.append(greater)
      }
    }
  }
}
