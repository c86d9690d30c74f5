import FoundationEssentials
import Resources

/// Points in time as people write them.
enum Timestamp {
  /// RFC 3339 in UTC.
  static func text(seconds: Int64) -> String { RFC3339.text(seconds: seconds) }

  /// RFC 3339 in UTC, with milliseconds.
  static func text(milliseconds: Int64) -> String {
    let rest = String((milliseconds % 1_000 + 1_000) % 1_000)
    let whole = text(seconds: Int64((Double(milliseconds) / 1_000).rounded(.down)))
    return whole.dropLast() + "." + String(repeating: "0", count: 3 - rest.count) + rest + "Z"
  }

  /// Milliseconds since 1970-01-01T00:00:00Z of RFC 3339, or of an age such as `90s`, `15m`, `1h` or `7d` before
  /// `nowMilliseconds`; nil for other texts.
  static func milliseconds(_ text: String, nowMilliseconds: Int64) -> Int64? {
    let units: [Character: Int64] = ["s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
    if let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()), (0...1_000_000_000) ~= count {
      return nowMilliseconds - count * unit
    }
    let styles = [Date.ISO8601FormatStyle(), Date.ISO8601FormatStyle(includingFractionalSeconds: true)]
    for style in styles {
      if let date = try? style.parse(text) { return Int64((date.timeIntervalSince1970 * 1_000).rounded()) }
    }
    return nil
  }
}
