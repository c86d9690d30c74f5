import TestSupport
import Transport

extension DialTarget {
  /// A server on loopback that speaks `alpn`, whose certificate `ca` issued.
  static func loopback(
    _ port: UInt16, _ alpn: String, ca: TestCertificateAuthority, timeoutSeconds: Double = 10
  ) throws -> DialTarget {
    let tls = try ClientTLS(caCertificates: ca.certificatePEM, alpn: [alpn])
    return DialTarget(
      host: "127.0.0.1", port: port, serverName: "localhost", tls: tls, timeoutSeconds: timeoutSeconds)
  }
}
