/// The segments `.` and `..` of a path, which lead to another one (RFC 3986 section 5.2.4).
enum DotSegments {
  /// Whether a server may find one in `value`, in whatever way it reads what it gets: percent-encoded once or several
  /// times, between slashes of either kind, or with parameters behind it.
  static func stand(in value: [UInt8]) -> Bool {
    var value = value
    while true {
      if hasSegment(value) { return true }
      let decoded = decoded(value)
      if decoded.count == value.count { return false }
      value = decoded
    }
  }

  private static func hasSegment(_ value: [UInt8]) -> Bool {
    value.split { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }.contains { segment in
      let name = segment.prefix { $0 != UInt8(ascii: ";") }
      return (1...2).contains(name.count) && name.allSatisfy { $0 == UInt8(ascii: ".") }
    }
  }

  /// `value` with each `%` and two hexadecimal digits as the byte that they stand for.
  private static func decoded(_ value: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(value.count)
    var index = 0
    while index < value.count {
      if value[index] == UInt8(ascii: "%"), index + 2 < value.count, let high = digit(value[index + 1]),
        let low = digit(value[index + 2])
      {
        result.append(high << 4 | low)
        index += 3
      } else {
        result.append(value[index])
        index += 1
      }
    }
    return result
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
