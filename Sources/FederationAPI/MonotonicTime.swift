import CLinux

/// A point on CLOCK_MONOTONIC, in nanoseconds: what deadlines and timers are measured by.
public struct MonotonicTime: Comparable, Hashable, Sendable {
  /// Nanoseconds since an arbitrary start.
  public var nanoseconds: UInt64

  /// Makes a point from its nanoseconds.
  public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  /// This moment.
  public static var now: MonotonicTime { MonotonicTime(nanoseconds: clinux_clock_ns(CLOCK_MONOTONIC)) }

  /// The point `nanoseconds` later; sums past the end of time stay there.
  public func advanced(byNanoseconds nanoseconds: UInt64) -> MonotonicTime {
    let (sum, overflow) = self.nanoseconds.addingReportingOverflow(nanoseconds)
    return MonotonicTime(nanoseconds: overflow ? .max : sum)
  }

  /// The point `seconds` later; this one for a negative number, and the end of time for one past it.
  public func advanced(bySeconds seconds: Double) -> MonotonicTime {
    let nanoseconds = max(0, seconds) * 1e9
    return advanced(byNanoseconds: nanoseconds < 0x1p64 ? UInt64(nanoseconds) : .max)
  }

  /// Nanoseconds from this point until `later`, 0 when it has passed.
  public func nanoseconds(until later: MonotonicTime) -> UInt64 {
    later.nanoseconds > nanoseconds ? later.nanoseconds - nanoseconds : 0
  }

  /// Orders points in time.
  public static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }
}

/// Wall-clock time: in whole seconds as JWT claims count it (RFC 7519 section 2, NumericDate).
public enum WallClock {
  /// Microseconds since 1970-01-01T00:00:00Z.
  public static var nowMicroseconds: UInt64 { clinux_clock_ns(CLOCK_REALTIME) / 1_000 }

  /// Seconds since 1970-01-01T00:00:00Z.
  public static var nowSeconds: Int64 { Int64(clinux_clock_ns(CLOCK_REALTIME) / 1_000_000_000) }
}
