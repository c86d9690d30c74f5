import Glibc

/// The variables that AWS's own programs heed.
struct AWSEnvironment: Sendable {
  /// The variable's text, nil when it is not set.
  let variable: @Sendable (_ name: String) -> String?

  /// The server's own.
  static let own = AWSEnvironment { name in getenv(name).map { String(cString: $0) } }
}
