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
}
