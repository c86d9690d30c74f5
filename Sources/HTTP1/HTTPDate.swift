import CLinux
import FederationAPI

/// The `Date` field's value in IMF-fixdate form (RFC 9110 section 5.6.7), made anew once a second.
package struct HTTPDate {
  private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  private var second = Int64.min
  private var text = ""
  private var line: [UInt8] = []

  /// Knows no second yet.
  package init() {}

  /// For example `Sun, 06 Nov 1994 08:49:37 GMT`.
  package mutating func text(at seconds: Int64 = WallClock.nowSeconds) -> String {
    guard seconds != second else { return text }
    var time = time_t(seconds)
    var parts = tm()
    gmtime_r(&time, &parts)
    func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let clock = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
    let date = "\(two(parts.tm_mday)) \(HTTPDate.months[Int(parts.tm_mon)]) \(parts.tm_year + 1900)"
    text = "\(HTTPDate.days[Int(parts.tm_wday)]), \(date) \(clock) GMT"
    line = Array("Date: \(text)\r\n".utf8)
    second = seconds
    return text
  }

  /// Lends the whole field line with its CRLF, of `seconds` since 1970.
  mutating func withLine(at seconds: Int64, _ body: (RawSpan) -> Void) {
    _ = text(at: seconds)
    body(line.span.bytes)
  }
}
