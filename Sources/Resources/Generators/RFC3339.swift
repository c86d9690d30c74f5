import FoundationEssentials

/// Times as Kubernetes writes them (RFC 3339 section 5.6).
public enum RFC3339 {
  /// In UTC, with whole seconds.
  public static func text(seconds: Int64) -> String {
    // Years past what RFC 3339 can write are shown as the last one that it can.
    let shown = min(max(seconds, -62_135_596_800), 253_402_300_799)
    return Date(timeIntervalSince1970: TimeInterval(shown)).ISO8601Format()
  }

  /// Seconds since 1970-01-01T00:00:00Z, fractions cut; nil for other texts, and for times before that.
  public static func seconds(_ text: String) -> Int64? {
    var rest = text.utf8[...]
    guard let year = number(&rest, digits: 4), skip("-", &rest), let month = number(&rest, digits: 2), skip("-", &rest),
      let day = number(&rest, digits: 2), skip("T", &rest) || skip("t", &rest),
      let hour = number(&rest, digits: 2), skip(":", &rest), let minute = number(&rest, digits: 2), skip(":", &rest),
      let second = number(&rest, digits: 2),
      (1...12).contains(month), (1...length(ofMonth: month, year)).contains(day), hour < 24, minute < 60,
      // 60 is a leap second, which Unix time does not count: it is the next minute's first.
      second <= 60
    else { return nil }
    if skip(".", &rest) {
      let fraction = rest.prefix { (0x30...0x39).contains($0) }
      guard !fraction.isEmpty else { return nil }
      rest = rest.dropFirst(fraction.count)
    }
    guard let offset = offset(&rest), rest.isEmpty else { return nil }
    let days = daysSince1970(year, month, day)
    let result = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
    return result >= 0 ? Int64(result) : nil
  }

  /// `Z`, or hours and minutes from UTC; in seconds.
  private static func offset(_ rest: inout Substring.UTF8View) -> Int? {
    if skip("Z", &rest) || skip("z", &rest) { return 0 }
    let sign = skip("+", &rest) ? 1 : skip("-", &rest) ? -1 : 0
    guard sign != 0, let hours = number(&rest, digits: 2), skip(":", &rest), let minutes = number(&rest, digits: 2),
      hours < 24, minutes < 60
    else { return nil }
    return sign * (hours * 3_600 + minutes * 60)
  }

  private static func number(_ rest: inout Substring.UTF8View, digits: Int) -> Int? {
    let text = rest.prefix(digits)
    guard text.count == digits, text.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    rest = rest.dropFirst(digits)
    return text.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  private static func skip(_ character: Unicode.Scalar, _ rest: inout Substring.UTF8View) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

  private static func length(ofMonth month: Int, _ year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let before = year - 1
    // Whole years since the year 1, of which 719,162 days lie before 1970.
    let years = before * 365 + before / 4 - before / 100 + before / 400
    return years + (1..<month).reduce(0) { $0 + length(ofMonth: $1, year) } + day - 1 - 719_162
  }
}
