import Crypto
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

  @Test("the port for SVIDs has TLS 1.3 alone whatever the other has, and wants a certificate of everybody")
  func svidPort() async throws {
    let mesh = try Mesh()
    let scanned = try await ScannedServer(["--tls-min-version", "1.2"], mesh: mesh)
    let good = try mesh.issue("shop")
    // Without a certificate sslyze sees what is offered; with one, what comes behind the handshake as well.
    let stranger = try await scanned.scan(scanned.spiffePort)
    let guest = try await scanned.scan(scanned.spiffePort, showing: good)
    #expect(stranger["clientCertificate"]?.string == "REQUIRED")
    expectSound(guest)
    for found in [stranger, guest] {
      for version in ["SSL 2.0", "SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2"] { expectOnly([], of: version, in: found) }
      expectOnly(version13Suites, of: "TLS 1.3", in: found)
    }
    #expect(guest["robot"]?.string == "NOT_VULNERABLE_RSA_NOT_SUPPORTED")
    #expect(guest["ticketResumption"]?.string == "SERVER_IS_TLS_1_3_ONLY")
    try await scanned.stop()
  }

  @Test("who is not authorised gets no further than the handshake of the port for SVIDs, and is told by an alert")
  func svidHandshake() async throws {
    let mesh = try Mesh()
    let scanned = try await ScannedServer([], mesh: mesh)
    let foreign = try Mesh()
    let elsewhere = try mesh.issue("shop", domain: "example.com")
    let cases = [
      (nil, "CERTIFICATE_REQUIRED"), (try mesh.issue("stranger"), "HANDSHAKE_FAILURE"),
      (elsewhere, "UNKNOWN_CA"), (try foreign.issue("shop"), "UNKNOWN_CA"),
      (scanned.certificateFiles, "BAD_CERTIFICATE"),
    ]
    for (shown, alert) in cases {
      let found = try await scanned.shakeHands(showing: shown)
      #expect(found["answered"]?.bool == false && found["alert"]?.string?.contains(alert) == true, "\(found)")
    }
    let found = try await scanned.shakeHands(showing: try mesh.issue("shop"))
    #expect(found["answered"]?.bool == true && found["version"]?.string == "TLSv1.3", "\(found)")
    try await scanned.stop()
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

  /// Scans `--listen` of a server.
  private func scan(
    _ arguments: [String], hosts: [String] = ["localhost"], key: PrivateKey? = nil
  ) async throws -> JSONValue {
    let scanned = try await ScannedServer(arguments, hosts: hosts, key: key)
    let found = try await scanned.scan(scanned.port)
    try await scanned.stop()
    return found
  }
}
