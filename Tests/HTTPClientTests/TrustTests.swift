import FederationAPI
import Foundation
import HTTPClient
import Logging
import Synchronization
import TestSupport
import Testing
import Transport

/// Takes every server, and counts them.
private final class CountingJudge: PeerVerifier {
  let count = Mutex(0)

  func identity(of certificates: [[UInt8]]) throws(PeerRefusal) -> ConnectionIdentity {
    count.withLock { $0 += 1 }
    return ConnectionIdentity()
  }

  func handshakeFailed(_ reason: String, peer: String) {}
}

@Suite(.timeLimit(.minutes(1))) struct TrustTests {
  let authority: TestCertificateAuthority
  let other: TestCertificateAuthority
  let client: HTTPClient

  init() throws {
    authority = try TestCertificateAuthority()
    other = try TestCertificateAuthority(name: "Other CA")
    client = try HTTPClient(log: Log(level: .error))
  }

  private func server(_ certificate: TestCertificateAuthority.ServerCertificate) throws -> ScriptedServer {
    try ScriptedServer(certificate: certificate) { _ in response() }
  }

  private func kind(_ url: String, trusting pem: [UInt8]?) async -> HTTPClientError.Kind? {
    let request = HTTPRequest(url: url, caCertificates: pem)
    return await failure { () async throws(HTTPClientError) in try await client.send(request) }?.kind
  }

  @Test("equal roots share a connection; other roots never ride on it")
  func connectionReuse() async throws {
    let server = try server(authority.issue())
    #expect(await kind(server.url, trusting: authority.certificatePEM) == nil)
    #expect(await kind(server.url, trusting: other.certificatePEM) == .tls)
    #expect(await kind(server.url, trusting: nil) == .tls)
    #expect(await kind(server.url, trusting: authority.certificatePEM) == nil)
    #expect(server.connectionCount == 1)
    #expect(await kind(server.url, trusting: other.certificatePEM + authority.certificatePEM) == nil)
    #expect(server.connectionCount == 2)
    let requests = server.events.filter { if case .request = $0 { true } else { false } }
    #expect(requests.count == 3)
  }

  @Test("roots of a request are that request's alone, also when they were used first and at the same time")
  func concurrentRoots() async throws {
    let server = try server(authority.issue())
    await withTaskGroup(of: Bool.self) { group in
      for number in 0..<40 {
        group.addTask {
          let isTrusting = number.isMultiple(of: 2)
          let found = await kind(server.url, trusting: isTrusting ? authority.certificatePEM : other.certificatePEM)
          return found == (isTrusting ? nil : .tls)
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }

  @Test("a certificate for another host, or past its time, is refused")
  func badCertificates() async throws {
    let elsewhere = try server(authority.issue(hosts: ["elsewhere.example"], ipAddresses: [], label: "elsewhere"))
    #expect(await kind(elsewhere.url, trusting: authority.certificatePEM) == .tls)
    let expired = try server(authority.issue(validSeconds: -60, label: "expired"))
    #expect(await kind(expired.url, trusting: authority.certificatePEM) == .tls)
  }

  @Test("a client with a judge of servers has each connection judged, and resumes no session in its place")
  func judge() async throws {
    let server = try ScriptedServer(certificate: try authority.issue(), closesAfterAnswer: true) { _ in response() }
    let judge = CountingJudge()
    let client = try HTTPClient(log: Log(level: .error), peers: judge)
    for count in 1...3 {
      #expect(try await client.send(HTTPRequest(url: server.url)).status == 200)
      #expect(judge.count.withLock { $0 } == count)
    }
  }

  @Test("roots that are no certificates are an error of TLS, never a return to the system's roots")
  func garbageRoots() async throws {
    let server = try server(authority.issue())
    #expect(await kind(server.url, trusting: Array("not a certificate".utf8)) == .tls)
  }

  @Test("the reason of a refused certificate is in the error")
  func reason() async throws {
    let server = try server(authority.issue(validSeconds: -60))
    let request = HTTPRequest(url: server.url + "/?token=hunter2", caCertificates: authority.certificatePEM)
    let error = await failure { () async throws(HTTPClientError) in try await client.send(request) }
    #expect(error?.message.contains("certificate has expired") == true)
    #expect(error?.message.contains("hunter2") == false)
  }

  @Test("TLS 1.1 is not spoken, TLS 1.2 is", arguments: [("-tls1_1", HTTPClientError.Kind.tls), ("-tls1_2", nil)])
  func minimumVersion(flag: String, expected: HTTPClientError.Kind?) async throws {
    let certificate = try authority.issue()
    let openssl = try ChildProgram(
      path: "/usr/bin/openssl",
      arguments: [
        "s_server", "-accept", "127.0.0.1:0", "-www", flag, "-cipher", "ALL:@SECLEVEL=0", "-cert",
        certificate.certificateFile, "-key", certificate.keyFile,
      ])
    let line = try await openssl.stdout.waitForLine(prefix: "ACCEPT")
    let port = try #require(line.split(separator: ":").last)
    #expect(await kind("https://127.0.0.1:\(port)/", trusting: authority.certificatePEM) == expected)
  }
}
