import FederationAPI
import Foundation
import TestSupport

@testable import FederationClient

/// esi-cli --mode=daemon beside a server of its own, with a token and a directory for its files.
final class RunningDaemon: Sendable {
  let authority: TestCertificateAuthority
  let certificate: TestCertificateAuthority.ServerCertificate
  let directory: TemporaryDirectory
  let service: FakeFederationService
  /// Where the first server listens, and those that follow it.
  let port: UInt16
  let first: FakeFederationServer

  /// Starts the server with keys `a` and `b` in the store `vault`.
  init() throws {
    authority = try TestCertificateAuthority()
    certificate = try authority.issue()
    directory = try TemporaryDirectory()
    try directory.write("good-token\n", to: "token")
    service = FakeFederationService(secrets: ["vault": ["a": SecretBytes("a1"), "b": SecretBytes("b1")]])
    first = try FakeFederationServer.start(certificate: certificate, service: service)
    port = try ServerAddress(parsing: first.url).port
  }

  /// The path of the file `name`.
  func path(_ name: String) -> String { directory.path + "/out/" + name }

  /// What the file `name` holds.
  func content(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

  /// The names in the directory of the files.
  func entries() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory.path + "/out").sorted()
  }

  func put(_ value: String, _ name: String) { service.put(SecretBytes(value), store: "vault", name: name) }

  /// The flags of a daemon that keeps `a` and `b` in files of these names.
  func flags(_ more: [String]) -> [String] {
    [
      "--mode=daemon", "--federated-server-url=https://127.0.0.1:\(port)",
      "--federated-token=\(directory.path)/token", "--federated-ca-crt=\(authority.certificateFile)",
      "--inject-on-file=\(path("a"))=vault.a,\(path("b"))=vault.b",
    ] + more
  }

  /// Starts a daemon, whose interval is too long to matter unless `more` says otherwise.
  func start(_ more: [String] = [], environment: [String: String] = [:]) throws -> ChildProgram {
    try ChildProgram(
      product: "esi-cli", arguments: flags(["--daemon-refresh-interval=1h"] + more), environment: environment)
  }

  /// A daemon that has written its files.
  func ready(_ more: [String] = [], environment: [String: String] = [:]) async throws -> ChildProgram {
    let daemon = try start(more, environment: environment)
    _ = try await daemon.stdout.waitForLine(prefix: "ready")
    return daemon
  }
}
