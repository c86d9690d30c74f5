import TestSupport

extension ChildProgram {
  /// Starts `federation-server serve` with `certificate`, on a free port unless `listen` is given.
  static func server(
    _ certificate: TestCertificateAuthority.ServerCertificate, _ arguments: [String], listen: String = "127.0.0.1:0",
    environment: [String: String]? = nil
  ) throws -> ChildProgram {
    try ChildProgram(
      product: "federation-server",
      arguments: [
        "serve", "--listen", listen, "--tls-cert", certificate.certificateFile, "--tls-key", certificate.keyFile,
      ] + arguments, environment: environment)
  }

  /// The port of a server's `--listen`, once it is ready.
  func servedPort(timeoutSeconds: Double = 30) async throws -> UInt16 {
    try await servedPorts(timeoutSeconds: timeoutSeconds)[0]
  }

  /// The ports of all that a server listens on, in the order in which it tells them: `--listen` comes first.
  func servedPorts(timeoutSeconds: Double = 30) async throws -> [UInt16] {
    let ready = try await stdout.waitForLine(prefix: "ready listen=127.0.0.1:", timeoutSeconds: timeoutSeconds)
    return try ready.split(separator: " ").dropFirst().map { address in
      guard let port = UInt16(address.split(separator: ":").last ?? "") else {
        throw TestSupportError("no port: \(ready)")
      }
      return port
    }
  }
}
