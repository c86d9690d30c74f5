import Testing

@testable import LoadGenerator

@Suite struct LatencyHistogramTests {
  /// What the percentile must be at least, from the sorted list.
  private func exact(_ sorted: [UInt64], _ fraction: Double) -> UInt64 {
    sorted[max(0, Int((fraction * Double(sorted.count)).rounded(.up)) - 1)]
  }

  @Test(
    "percentiles are those of the sorted list, to three digits, and never better", arguments: [1, 2, 3] as [UInt64])
  func percentiles(seed: UInt64) {
    var random = RandomNumbers(seed: seed)
    var histogram = LatencyHistogram()
    // From microseconds to seconds, as a log-uniform draw gives them.
    let values = (0..<20_000).map { _ in UInt64(power(10, 3.1 + 6.5 * random.unit())) }
    for value in values { histogram.record(value) }
    let sorted = values.sorted()
    for fraction in [0.0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 1] {
      let truth = exact(sorted, fraction)
      let told = histogram.percentile(fraction)
      #expect(told >= truth && Double(told) <= Double(truth) * 1.001 + 1, "\(fraction): \(told) of \(truth)")
    }
    #expect(histogram.count == 20_000)
    #expect(histogram.maximum == sorted.last)
    #expect(abs(histogram.mean - values.reduce(0.0) { $0 + Double($1) } / 20_000) < 1)
  }

  @Test("values at and past the ends are counted there, and the maximum stays what it was")
  func ends() {
    var histogram = LatencyHistogram()
    #expect(histogram.percentile(0.5) == 0)
    for value: UInt64 in [0, 1, 999, 1_000] { histogram.record(value) }
    #expect(histogram.percentile(1) == 1_000)
    histogram.record(120_000_000_000)
    #expect(histogram.count == 5)
    #expect(histogram.maximum == 120_000_000_000)
    #expect(histogram.percentile(1) >= 60_000_000_000)
    histogram.reset()
    #expect(histogram.count == 0 && histogram.maximum == 0 && histogram.percentile(0.99) == 0)
  }

  @Test("two histograms together are as one")
  func adding() {
    var (one, other, all) = (LatencyHistogram(), LatencyHistogram(), LatencyHistogram())
    for value in 1...2_000 as ClosedRange<UInt64> {
      let latency = value * 7_919
      if value % 2 == 0 { one.record(latency) } else { other.record(latency) }
      all.record(latency)
    }
    one.add(other)
    #expect(one.count == all.count && one.maximum == all.maximum)
    for fraction in [0.1, 0.5, 0.99] { #expect(one.percentile(fraction) == all.percentile(fraction)) }
  }

  /// A server that stands still for a second of ten, asked 1,000 times a second: whoever waits for the answer before it
  /// asks again sees one slow call of 9,001, though a tenth of all callers had to wait.
  @Test("coordinated omission: latencies from the schedule show the stall that the closed loop hides")
  func coordinatedOmission() {
    let millisecond: UInt64 = 1_000_000
    var schedule = Schedule(start: 0, rate: 1_000, connections: 1)
    var open = LatencyHistogram()
    var closed = LatencyHistogram()
    var free: UInt64 = 0
    while let due = schedule.take(0, now: .max, before: 10_000 * millisecond) {
      let sent = max(due, free)
      let isStalled = sent >= 5_000 * millisecond && sent < 6_000 * millisecond
      let answered = isStalled ? 6_000 * millisecond : sent + millisecond / 10
      open.record(answered - due)
      closed.record(answered - sent)
      free = answered
    }
    #expect(open.count == 10_000)
    #expect(closed.percentile(0.99) < millisecond)
    #expect(open.percentile(0.99) > 850 * millisecond)
    #expect(open.percentile(0.9) > 50 * millisecond)
  }
}
