import FederationAPI

/// Reads flags that take a duration.
enum DurationFlag {
  /// A year: longer ones are mistakes, and past what a clock in nanoseconds counts.
  private static let maximumSeconds = 8_760.0 * 3_600

  /// The value's seconds; throws a usage error for what is no duration, and for one of nothing or of more than a year.
  static func seconds(_ text: String, _ flag: String, example: String) throws(Failure) -> Double {
    guard let duration = GoDuration(text), duration.seconds > 0 else {
      throw .usage("--\(flag)=\(text) is not a duration above zero, such as \(example)")
    }
    guard duration.seconds <= maximumSeconds else { throw .usage("--\(flag)=\(text) is longer than 8760h") }
    return duration.seconds
  }
}
