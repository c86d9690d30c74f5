import Crypto
import Glibc
import JSON
import TestSupport
import Testing

/// What sslyze finds when it scans the real server as an auditor would.
@Suite(.timeLimit(.minutes(5))) struct TLSScanTests {
  @Test("by default there is TLS 1.3 and nothing else")
  func version13() async throws {
    let found = try await scan(["--tls-min-version", "1.3"])
    expectSound(found)
    expectOnly(version13Suites, of: "TLS 1.3", in: found)
    expectOnly([], of: "TLS 1.2", in: found)
    #expect(found["robot"]?.string == "NOT_VULNERABLE_RSA_NOT_SUPPORTED")
  }

  @Test("with TLS 1.2 let in, its suites have forward secrecy and no CBC", arguments: ["ECDSA", "RSA"])
  func version12(kind: String) async throws {
    let key: PrivateKey = try kind == "RSA" ? .generateRSA() : .generateEC(.p256)
    let found = try await scan(["--tls-min-version", "1.2"], key: key)
    expectSound(found)
    expectOnly(version13Suites, of: "TLS 1.3", in: found)
    let suites = ["AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256"]
    expectOnly(suites.map { "TLS_ECDHE_\(kind)_WITH_\($0)" }, of: "TLS 1.2", in: found)
    #expect(found["robot"]?.string == "NOT_VULNERABLE_RSA_NOT_SUPPORTED")
    #expect(found["ticketResumption"]?.string == "FULLY_SUPPORTED")
  }

  @Test("a certificate of another name does not pass the scan")
  func otherName() async throws {
    let found = try await scan([], hosts: ["elsewhere.example"])
    #expect(found["trusted"]?.bool == false)
    #expect(found["distrustedBecause"]?.string?.contains("subject") == true)
  }

  private let version13Suites = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]

  private func expectOnly(_ suites: [String], of version: String, in found: JSONValue) {
    #expect(found["ciphers"]?[version]?.array?.compactMap(\.string) == suites, "\(version)")
  }

  /// Expects what holds in every version.
  private func expectSound(_ found: JSONValue) {
    for version in ["SSL 2.0", "SSL 3.0", "TLS 1.0", "TLS 1.1"] { expectOnly([], of: version, in: found) }
    for danger in ["compression", "earlyData", "heartbleed", "ccsInjection", "chainHasRoot"] {
      #expect(found[danger]?.bool == false, "\(danger)")
    }
    for virtue in ["fallbackSCSV", "extendedMasterSecret", "secureRenegotiation", "chainInOrder", "trusted"] {
      #expect(found[virtue]?.bool == true, "\(virtue), \(found["distrustedBecause"]?.string ?? "")")
    }
    #expect(found["renegotiations"]?.integer == 0)
    #expect(found["chain"]?.array?.compactMap(\.string) == ["CN=localhost", "CN=Test Intermediate CA"])
  }

  /// Scans a server whose certificate an intermediate authority issued.
  private func scan(
    _ arguments: [String], hosts: [String] = ["localhost"], key: PrivateKey? = nil
  ) async throws -> JSONValue {
    let root = try TestCertificateAuthority()
    let authority = try TestCertificateAuthority(below: root)
    let certificate = try authority.issue(hosts: hosts, key: key)
    let directory = try TemporaryDirectory()
    // The files go with these.
    defer { withExtendedLifetime((root, authority, directory)) {} }
    try directory.write(ManifestText.store("app", [("password", "s3cret")]), to: "store.yaml")
    let server = try ChildProgram.server(
      certificate, ["--config", directory.path, "--data", directory.path + "/data"] + arguments)
    let port = try await server.servedPort()
    let found = try await PythonPeer.run("Tests/TLSPeer/scan.py", [String(port), root.certificateFile])
    server.signal(SIGTERM)
    #expect(await server.wait() == .status(0))
    return try #require(found.first)
  }
}
