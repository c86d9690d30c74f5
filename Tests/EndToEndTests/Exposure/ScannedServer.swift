import Crypto
import Foundation
import Glibc
import JSON
import TestSupport
import Testing

/// A trust domain with an authority of its own, and its SVIDs as files.
final class Mesh: Sendable {
  let authority: TestCertificateAuthority
  private let directory: TemporaryDirectory

  init() throws {
    authority = try TestCertificateAuthority(name: "Mesh")
    directory = try TemporaryDirectory()
  }

  static func id(_ workload: String, domain: String = "example.org") -> String {
    "spiffe://\(domain)/\(workload)/ns/apps/sa/sa-1/\(workload)/pod/pod-2/\(workload)-0"
  }

  /// A fresh SVID: the paths of its certificate and key.
  func issue(_ workload: String, domain: String = "example.org") throws -> [String] {
    let svid = try authority.issueSVID(Self.id(workload, domain: domain))
    let name = UUID().uuidString
    return [try directory.write(svid.pem, to: "\(name).pem"), try directory.write(svid.keyPEM, to: "\(name).key")]
  }
}

/// A server process whose certificate an intermediate authority issued, with a port for SVIDs where there is a mesh, in
/// which the workload `shop` is authorised.
final class ScannedServer: Sendable {
  let port: String
  /// As ``port`` where there is no other.
  let spiffePort: String
  /// The server's own certificate and key.
  let certificateFiles: [String]
  private let root: TestCertificateAuthority
  private let authority: TestCertificateAuthority
  private let directory: TemporaryDirectory
  private let server: ChildProgram

  init(
    _ arguments: [String], hosts: [String] = ["localhost"], key: PrivateKey? = nil, mesh: Mesh? = nil
  ) async throws {
    root = try TestCertificateAuthority()
    authority = try TestCertificateAuthority(below: root)
    let certificate = try authority.issue(hosts: hosts, key: key)
    certificateFiles = [certificate.certificateFile, certificate.keyFile]
    directory = try TemporaryDirectory()
    try directory.write(ManifestText.store("app", [("password", "s3cret")]), to: "store.yaml")
    if let mesh {
      let bundle = Data(mesh.authority.certificatePEM).base64EncodedString()
      let federation = ManifestText.spiffeFederation("mesh", "example.org", "trustBundle: \(bundle)")
      let grant = ManifestText.spiffeAuthorization("shop", "mesh", id: Mesh.id("shop"), stores: ["app"])
      try directory.write("\(federation)---\n\(grant)", to: "mesh.yaml")
    }
    server = try ChildProgram.server(
      certificate,
      ["--config", directory.path, "--data", directory.path + "/data"] + arguments
        + (mesh == nil ? [] : ["--spiffe-listen", "127.0.0.1:0"]))
    let ports = try await server.servedPorts().map(String.init)
    (port, spiffePort) = (try #require(ports.first), try #require(ports.last))
  }

  /// What sslyze finds.
  func scan(_ port: String, showing files: [String] = []) async throws -> JSONValue {
    let found = try await PythonPeer.run("Tests/TLSPeer/scan.py", [port, root.certificateFile] + files)
    return try #require(found.first)
  }

  /// What comes of a handshake at the port for SVIDs.
  func shakeHands(showing files: [String]?) async throws -> JSONValue {
    let arguments = [spiffePort, root.certificateFile] + (files ?? [])
    return try #require(try await PythonPeer.run("Tests/TLSPeer/handshake.py", arguments).first)
  }

  func stop() async throws {
    server.signal(SIGTERM)
    #expect(await server.wait() == .status(0))
  }
}
