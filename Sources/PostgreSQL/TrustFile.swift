import CPostgreSQL

/// PEM certificates where libpq can read them, which takes them from a file only: memory that has a path, and is gone
/// with this object.
public final class TrustFile: Sendable {
  private let descriptor: Int32
  /// For `sslrootcert`.
  public var path: String { "/proc/self/fd/\(descriptor)" }

  /// Copies `certificates`.
  public init(_ certificates: [UInt8]) throws(PostgreSQLError) {
    descriptor = certificates.withUnsafeBytes { cpostgresql_memory_file($0.baseAddress, $0.count) }
    guard descriptor >= 0 else {
      throw PostgreSQLError(sqlState: nil, message: "no memory for the server's trusted certificates")
    }
  }

  deinit { cpostgresql_close(descriptor) }
}
