/// Latencies in log-linear buckets, as HDR histograms keep them: three significant digits, fixed memory, exact counts.
///
/// Values are nanoseconds, kept from 1 µs to 60 s; what lies outside is counted at that end. A bucket is never wider
/// than a thousandth of its values, and a percentile is told as the upper end of its bucket: never too good.
package struct LatencyHistogram: Sendable {
  /// The values that are told apart, in nanoseconds.
  package static let range: ClosedRange<UInt64> = 1_000...60_000_000_000
  /// Buckets of one power of two; half of 2^11, because the lower half is the power below.
  private static let halfCount = 1_024
  private static let halfBits = 10

  private var counts: [UInt64]
  /// How many values were recorded.
  package private(set) var count: UInt64 = 0
  /// The largest value as it was recorded, 0 when there is none.
  package private(set) var maximum: UInt64 = 0
  private var sum = 0.0

  /// Makes an empty histogram.
  package init() {
    counts = [UInt64](repeating: 0, count: Self.index(of: Self.range.upperBound) + 1)
  }

  /// Counts one value.
  package mutating func record(_ nanoseconds: UInt64) {
    let kept = min(max(nanoseconds, Self.range.lowerBound), Self.range.upperBound)
    counts[Self.index(of: kept)] += 1
    count += 1
    maximum = max(maximum, nanoseconds)
    sum += Double(nanoseconds)
  }

  /// Adds all that `other` counted.
  package mutating func add(_ other: LatencyHistogram) {
    for index in counts.indices { counts[index] += other.counts[index] }
    count += other.count
    maximum = max(maximum, other.maximum)
    sum += other.sum
  }

  /// Forgets everything, keeping the memory.
  package mutating func reset() {
    for index in counts.indices { counts[index] = 0 }
    count = 0
    maximum = 0
    sum = 0
  }

  /// The mean of the values as they were recorded, 0 when there is none.
  package var mean: Double { count == 0 ? 0 : sum / Double(count) }

  /// The smallest value, to three digits, that at least `fraction` of all values do not exceed; 0 when there is none.
  package func percentile(_ fraction: Double) -> UInt64 {
    guard count > 0 else { return 0 }
    let wanted = max(1, UInt64((fraction * Double(count)).rounded(.up)))
    var seen: UInt64 = 0
    for index in counts.indices {
      seen += counts[index]
      if seen >= wanted { return min(Self.upperEnd(of: index), max(maximum, Self.range.lowerBound)) }
    }
    return maximum
  }

  /// Values below 2^11 have a bucket each; above, each power of two is cut into 1,024.
  private static func index(of value: UInt64) -> Int {
    let shift = max(0, UInt64.bitWidth - value.leadingZeroBitCount - (halfBits + 1))
    return shift * halfCount + Int(value >> UInt64(shift))
  }

  private static func upperEnd(of index: Int) -> UInt64 {
    let shift = max(0, index / halfCount - 1)
    let start = UInt64(index - shift * halfCount) << UInt64(shift)
    return start + (1 << UInt64(shift)) - 1
  }
}
