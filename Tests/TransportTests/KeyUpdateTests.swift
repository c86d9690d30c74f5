import COpenSSL
import FederationAPI
import Logging
import TestSupport
import Testing

@testable import Transport

extension Connection {
  /// Sends TLS 1.3 KeyUpdates that ask for none in return, as fast as the socket takes them.
  fileprivate func sendKeyUpdates(_ count: Int) {
    guard let session = tls?.pointer else { return }
    for _ in 0..<count {
      guard SSL_key_update(session, SSL_KEY_UPDATE_NOT_REQUESTED) == 1, SSL_do_handshake(session) == 1 else { return }
    }
  }
}

@Suite struct KeyUpdateTests {
  private let group: EventLoopGroup
  private let target: DialTarget

  init() throws {
    let authority = try TestCertificateAuthority()
    let certificate = try authority.issue()
    let tls = try ServerTLS(
      certificateFile: certificate.certificateFile, keyFile: certificate.keyFile, minimumVersion: .v13, alpn: ["ttrpc"])
    group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let address = try group.listen(host: "127.0.0.1", port: 0, tls: tls) { _ in EchoHandler() }
    target = DialTarget(
      host: "127.0.0.1", port: address.port,
      tls: try ClientTLS(caCertificates: authority.certificatePEM, alpn: ["ttrpc"]), timeoutSeconds: 5)
  }

  /// What came back before the connection ended.
  private func echo(_ bytes: [UInt8], afterKeyUpdates count: Int) async throws -> [UInt8] {
    let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
    let wanted = bytes.count
    let connection = try await group.connect(target) { _ in CollectingHandler(wanted: wanted, finished: continuation) }
    connection.run { connection in
      connection.sendKeyUpdates(count)
      connection.write(bytes)
    }
    var received: [UInt8] = []
    for await bytes in stream { received = bytes }
    return received
  }

  @Test("a few key updates between data change nothing", .timeLimit(.minutes(1)))
  func few() async throws {
    let sent = Array("hello".utf8)
    #expect(try await echo(sent, afterKeyUpdates: 20) == sent)
  }

  @Test("a flood of key updates ends its connection, and no other", .timeLimit(.minutes(1)))
  func flood() async throws {
    let sent = Array("hello".utf8)
    #expect(try await echo(sent, afterKeyUpdates: 1_000) != sent)
    #expect(try await echo(sent, afterKeyUpdates: 0) == sent)
  }
}
