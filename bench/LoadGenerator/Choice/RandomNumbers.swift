/// SplitMix64 (Steele, Lea, Flood 2014): fast, and the same numbers in every run, so that runs can be compared.
package struct RandomNumbers: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Starts at `seed`.
  package init(seed: UInt64) { state = seed }

  /// The next number.
  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number below `bound`, which is positive; the bias is below one in 2^32 for the bounds that are used here.
  package mutating func below(_ bound: Int) -> Int {
    Int((next() >> 32).multipliedFullWidth(by: UInt64(bound) << 32).high)
  }

  /// From 0 up to, but not, 1.
  package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
