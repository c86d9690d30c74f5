import CLinux
import Glibc

/// Wall-clock times as the API writes them (RFC 3339, in UTC).
public enum KubernetesTime {
  /// In whole seconds, as `metav1.Time`: `2024-05-01T12:00:00Z`.
  public static func seconds(_ secondsSince1970: Int64) -> String { date(secondsSince1970) + "Z" }

  /// In microseconds, as `metav1.MicroTime`: `2024-05-01T12:00:00.000000Z`.
  public static func microseconds(_ microsecondsSince1970: Int64) -> String {
    let (seconds, rest) = microsecondsSince1970.quotientAndRemainder(dividingBy: 1_000_000)
    return "\(date(seconds)).\(padded(rest, 6))Z"
  }

  /// This moment, in whole seconds.
  public static var now: String { seconds(Int64(clinux_clock_ns(CLOCK_REALTIME) / 1_000_000_000)) }

  /// This moment, in microseconds.
  public static var microNow: String { microseconds(Int64(clinux_clock_ns(CLOCK_REALTIME) / 1_000)) }

  /// Seconds since 1970 of either form, fractions dropped; nil for other texts.
  public static func secondsSince1970(_ text: String) -> Int64? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z"), bytes[10] == UInt8(ascii: "T") else { return nil }
    func number(_ range: Range<Int>) -> Int32? { Int32(String(decoding: bytes[range], as: UTF8.self)) }
    var parts = tm()
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
      let minute = number(14..<16), let second = number(17..<19)
    else { return nil }
    (parts.tm_year, parts.tm_mon, parts.tm_mday) = (year - 1900, month - 1, day)
    (parts.tm_hour, parts.tm_min, parts.tm_sec) = (hour, minute, second)
    return Int64(timegm(&parts))
  }

  private static func date(_ seconds: Int64) -> String {
    var seconds = time_t(seconds)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    return "\(padded(Int64(parts.tm_year) + 1900, 4))-\(padded(Int64(parts.tm_mon) + 1, 2))-"
      + "\(padded(Int64(parts.tm_mday), 2))T\(padded(Int64(parts.tm_hour), 2)):\(padded(Int64(parts.tm_min), 2)):"
      + padded(Int64(parts.tm_sec), 2)
  }

  private static func padded(_ value: Int64, _ width: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }
}
