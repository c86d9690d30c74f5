/// The value of `grpc-timeout`: at most eight digits and a unit (gRPC over HTTP/2, "Requests").
struct GRPCTimeout: Equatable {
  /// The largest number there is for what has more.
  let nanoseconds: UInt64

  /// Nil when it is not such a value.
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count >= 2, bytes.count <= 9, let unit = bytes.last else { return nil }
    var number: UInt64 = 0
    for digit in bytes.dropLast() {
      guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
      number = number * 10 + UInt64(digit - UInt8(ascii: "0"))
    }
    let scale: UInt64
    switch unit {
    case UInt8(ascii: "H"): scale = 3_600_000_000_000
    case UInt8(ascii: "M"): scale = 60_000_000_000
    case UInt8(ascii: "S"): scale = 1_000_000_000
    case UInt8(ascii: "m"): scale = 1_000_000
    case UInt8(ascii: "u"): scale = 1_000
    case UInt8(ascii: "n"): scale = 1
    default: return nil
    }
    let (product, overflow) = number.multipliedReportingOverflow(by: scale)
    nanoseconds = overflow ? .max : product
  }

  /// The shortest unit in which `nanoseconds` has at most eight digits, rounded up.
  static func text(nanoseconds: UInt64) -> String {
    let units: [(name: String, scale: UInt64)] = [
      ("n", 1), ("u", 1_000), ("m", 1_000_000), ("S", 1_000_000_000), ("M", 60_000_000_000), ("H", 3_600_000_000_000),
    ]
    for (name, scale) in units {
      let count = nanoseconds / scale + (nanoseconds % scale == 0 ? 0 : 1)
      if count <= 99_999_999 { return "\(count)\(name)" }
    }
    return "99999999H"
  }
}
