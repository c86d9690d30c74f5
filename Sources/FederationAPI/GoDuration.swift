/// A length of time in Go's syntax, for example `30s`, `1h30m` or `1.5m`: what Kubernetes and its tools write.
public struct GoDuration: Sendable, Equatable {
  /// The length in seconds: finite and not negative.
  public let seconds: Double
  /// As it was written.
  public let text: String

  private static let units: [(suffix: String, seconds: Double)] = [
    ("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("μs", 1e-6), ("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3_600),
  ]

  /// Reads one or more numbers, each with its unit, or a plain `0`. Nil for anything else, negative lengths included.
  public init?(_ text: String) {
    var seconds = 0.0
    var rest = text == "0" ? "" : text[...]
    if text.isEmpty { return nil }
    while !rest.isEmpty {
      let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest.dropFirst(number.count)
      // Two-letter units come first in the table: "ms" is no "m".
      guard let value = Double(number), let unit = Self.units.first(where: { rest.hasPrefix($0.suffix) }) else {
        return nil
      }
      rest = rest.dropFirst(unit.suffix.count)
      seconds += value * unit.seconds
    }
    guard seconds.isFinite else { return nil }
    self.seconds = seconds
    self.text = text
  }
}
