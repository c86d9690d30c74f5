/// One axis: which values it covers, where each is drawn, and where its marks are.
struct PlotAxis {
  private let low: Double
  private let high: Double
  private let isLogarithmic: Bool
  /// The values that are marked.
  let ticks: [Double]

  /// Covers `values`. A linear axis starts at 0; a logarithmic one covers the positive values in whole decades, or in
  /// steps of 1, 2, 5 where that is much closer.
  init(covering values: [Double], logarithmic: Bool) {
    let positive = values.filter { $0 > 0 }
    isLogarithmic = logarithmic && !positive.isEmpty
    if isLogarithmic {
      let steps = PlotAxis.decadeSteps
      let least = positive.min() ?? 1
      let most = positive.max() ?? 1
      low = steps.last { $0 <= least } ?? least
      let top = steps.first { $0 >= most } ?? most
      high = top > low ? top : low * 10
      let (low, high) = (low, high)
      let within = steps.filter { $0 >= low && $0 <= high }
      ticks = within.count <= 9 ? within : within.filter { PlotAxis.isPowerOfTen($0) }
    } else {
      let most = max(values.max() ?? 1, .leastNonzeroMagnitude)
      let step = PlotAxis.linearStep(most)
      low = 0
      high = (most / step).rounded(.up) * step
      ticks = (0...max(1, Int((high / step).rounded()))).map { Double($0) * step }
    }
  }

  /// Where `value` is, from 0 at the axis' start to 1 at its end.
  func place(_ value: Double) -> Double {
    guard isLogarithmic else { return value / high }
    let kept = min(max(value, low), high)
    return decimalLogarithm(kept / low) / decimalLogarithm(high / low)
  }

  /// A mark's text: 1500 is `1.5k`.
  static func text(_ value: Double) -> String {
    for (unit, suffix) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where value >= unit {
      return trimmed(value / unit) + suffix
    }
    return trimmed(value)
  }

  private static func trimmed(_ value: Double) -> String {
    let text = "\(rounded(value, 3))"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private static let decadeSteps: [Double] = (-6...12).flatMap { exponent in
    [1, 2, 5].map { $0 * power(10, Double(exponent)) }
  }

  private static func isPowerOfTen(_ value: Double) -> Bool {
    let exponent = decimalLogarithm(value)
    return abs(exponent - exponent.rounded()) < 1e-9
  }

  /// 1, 2 or 5 times a power of ten, so that there are four to nine marks.
  private static func linearStep(_ most: Double) -> Double {
    let unit = power(10, decimalLogarithm(most).rounded(.down))
    let candidates = [0.1, 0.2, 0.5, 1, 2].map { $0 * unit }
    return candidates.first { most / $0 <= 8 } ?? unit
  }
}
