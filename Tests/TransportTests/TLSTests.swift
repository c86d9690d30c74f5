import FederationAPI
import Foundation
import Logging
import TestSupport
import Testing

@testable import Transport

/// One TLS echo server with certificates of its own.
private struct EchoServer {
  let authority: TestCertificateAuthority
  let tls: ServerTLS
  let certificate: TestCertificateAuthority.ServerCertificate
  let group: EventLoopGroup
  let address: ListenAddress

  init(minimumVersion: TLSVersion = .v13, limits: ListenerLimits = ListenerLimits(), closesFirst: Bool = false) throws {
    authority = try TestCertificateAuthority()
    certificate = try authority.issue()
    tls = try ServerTLS(
      certificateFile: certificate.certificateFile, keyFile: certificate.keyFile, minimumVersion: minimumVersion,
      alpn: ["ttrpc", "http/1.1"])
    group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    address = try group.listen(host: "127.0.0.1", port: 0, tls: tls, limits: limits) { _ in
      EchoHandler(closesFirst: closesFirst)
    }
  }

  func target(
    trusting pem: [UInt8]? = nil, alpn: [String] = ["ttrpc"], name: String = "127.0.0.1"
  ) throws -> DialTarget {
    let client = try ClientTLS(caCertificates: pem ?? authority.certificatePEM, alpn: alpn)
    return DialTarget(host: "127.0.0.1", port: address.port, serverName: name, tls: client, timeoutSeconds: 5)
  }

  /// Connects, sends `bytes`, and gives back what returned with the agreed protocol.
  func echo(_ bytes: [UInt8], to target: DialTarget) async throws -> (alpn: String?, bytes: [UInt8]) {
    let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
    let (protocols, protocolsEnd) = AsyncStream<String?>.makeStream()
    let connection = try await group.connect(target) { alpn in
      protocolsEnd.yield(alpn)
      protocolsEnd.finish()
      return CollectingHandler(wanted: bytes.count, finished: continuation)
    }
    connection.run { $0.write(bytes) }
    var received: [UInt8] = []
    for await bytes in stream { received = bytes }
    var alpn: String?
    for await agreed in protocols { alpn = agreed }
    return (alpn, received)
  }
}

@Suite struct TLSTests {
  @Test("bytes come back whole, over one record and over hundreds", arguments: [1, 16_384, 3_000_000])
  func echo(count: Int) async throws {
    let server = try EchoServer()
    let sent = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 17) }
    let (alpn, received) = try await server.echo(sent, to: server.target())
    #expect(alpn == "ttrpc")
    #expect(received == sent)
    await server.group.shutDown(graceSeconds: 1)
  }

  @Test("the server's order of protocols decides, none is none, and an unknown one is refused")
  func alpn() async throws {
    let server = try EchoServer()
    #expect(try await server.echo([1], to: server.target(alpn: ["http/1.1", "ttrpc"])).alpn == "ttrpc")
    #expect(try await server.echo([1], to: server.target(alpn: ["http/1.1"])).alpn == "http/1.1")
    #expect(try await server.echo([1], to: server.target(alpn: [])).alpn == nil)
    await #expect(throws: RPCError.self) { try await server.echo([1], to: server.target(alpn: ["spdy/3"])) }
    await server.group.shutDown(graceSeconds: 1)
  }

  @Test("a server that another CA signed, or that bears another name, is not talked to")
  func verification() async throws {
    let server = try EchoServer()
    let stranger = try TestCertificateAuthority(name: "Stranger")
    let wrongCA = await #expect(throws: RPCError.self) {
      try await server.echo([1], to: server.target(trusting: stranger.certificatePEM))
    }
    #expect(wrongCA?.message.contains("certificate verify failed") == true)
    let wrongName = await #expect(throws: RPCError.self) {
      try await server.echo([1], to: server.target(name: "example.org"))
    }
    #expect(wrongName?.message.contains("hostname mismatch") == true)
    await server.group.shutDown(graceSeconds: 1)
  }

  @Test("TLS 1.2 is refused unless allowed", arguments: [(TLSVersion.v13, false), (.v12, true)])
  func versions(minimum: TLSVersion, isServed: Bool) async throws {
    let server = try EchoServer(minimumVersion: minimum)
    let output = try await openssl(server, "-tls1_2")
    #expect(output.contains("New, TLSv1.2, Cipher is") == isServed)
    await server.group.shutDown(graceSeconds: 1)
  }

  @Test("sessions resume, also across a certificate reload", arguments: [false, true])
  func resumption(reloads: Bool) async throws {
    let server = try EchoServer(closesFirst: true)
    let session = server.authority.directory.path + "/session.pem"
    let first = try await openssl(server, "-ign_eof", "-sess_out", session, input: "hello\n")
    #expect(first.contains("New, TLSv1.3"))
    if reloads { try server.tls.reload() }
    let second = try await openssl(server, "-ign_eof", "-sess_in", session, input: "hello\n")
    #expect(second.contains("Reused, TLSv1.3"))
    await server.group.shutDown(graceSeconds: 1)
  }

  @Test("a reload changes the certificate of new connections and leaves open ones alone")
  func reload() async throws {
    let server = try EchoServer()
    let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
    let open = try await server.group.connect(server.target()) { _ in
      CollectingHandler(wanted: 4, finished: continuation)
    }
    let other = try TestCertificateAuthority(name: "Other CA")
    let fresh = try other.issue()
    try replace(server.certificate.certificateFile, with: fresh.certificatePEM)
    try replace(server.certificate.keyFile, with: fresh.keyPEM)
    try server.tls.reload()
    #expect(try await server.echo([9], to: server.target(trusting: other.certificatePEM)).bytes == [9])
    open.run { $0.write([1, 2, 3, 4]) }
    for await bytes in stream { #expect(bytes == [1, 2, 3, 4]) }
    await server.group.shutDown(graceSeconds: 1)
  }

  @Test("a reload of broken files says which, and keeps the certificate in use")
  func brokenReload() async throws {
    let server = try EchoServer()
    try replace(server.certificate.keyFile, with: Array("no key".utf8))
    let error = #expect(throws: TransportError.self) { try server.tls.reload() }
    #expect(error?.description.contains(server.certificate.keyFile) == true)
    #expect(try await server.echo([9], to: server.target()).bytes == [9])
    await server.group.shutDown(graceSeconds: 1)
  }

  @Test("a reload is held up by nothing that stands in the place of a file")
  func noFiles() throws {
    let authority = try TestCertificateAuthority()
    let certificate = try authority.issue()
    let tls = try ServerTLS(certificateFile: certificate.certificateFile, keyFile: certificate.keyFile, alpn: [])
    for path in [certificate.certificateFile, certificate.keyFile] {
      let bytes = try Data(contentsOf: URL(filePath: path))
      // A pipe that nobody writes to comes last: whoever opens it would wait.
      for make in [{ mkdir($0, 0o700) }, { mkfifo($0, 0o600) }] as [(String) -> Int32] {
        try FileManager.default.removeItem(atPath: path)
        #expect(make(path) == 0)
        let error = try #require(throws: TransportError.self) { try tls.reload() }
        try #require(error.description.contains("\(path) is not a regular file"), "\(error)")
      }
      try FileManager.default.removeItem(atPath: path)
      try bytes.write(to: URL(filePath: path))
    }
    try tls.reload()
  }

  @Test("of two changes at once the one that reads later counts, whichever is quicker")
  func changesInOrder() throws {
    let authority = try TestCertificateAuthority()
    func issue(_ label: String) throws -> TLSCertificate {
      let issued = try authority.issue(label: label)
      return .files(certificate: issued.certificateFile, key: issued.keyFile)
    }
    let tls = try ServerTLS(issue("first"), alpn: [], peers: nil)
    let (older, newer) = (try issue("older"), try issue("newer"))
    let (isRead, isDone) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let isAnother = try tls.replace { _ in
      Thread.detachNewThread {
        _ = try? tls.replace { _ in
          isRead.signal()
          return newer
        }
        isDone.signal()
      }
      // While one reads nobody else does, so this waits in vain.
      #expect(isRead.wait(timeout: .now() + 0.3) == .timedOut)
      return older
    }
    #expect(isAnother)
    isDone.wait()
    #expect(try !tls.replace { _ in newer })
    #expect(try tls.replace { _ in older })
  }

  @Test("a peer that never shakes hands is let go")
  func handshakeTimeout() async throws {
    var limits = ListenerLimits()
    limits.handshakeSeconds = 0.1
    let server = try EchoServer(limits: limits)
    let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
    _ = try await server.group.connect(DialTarget(host: "127.0.0.1", port: server.address.port, tls: nil)) { _ in
      CollectingHandler(wanted: 1, finished: continuation)
    }
    var ended = false
    for await bytes in stream { ended = bytes.isEmpty }
    #expect(ended)
    await server.group.shutDown(graceSeconds: 1)
  }

  private func openssl(_ server: EchoServer, _ arguments: String..., input: String = "") async throws -> String {
    let child = try ChildProgram(
      path: "/usr/bin/openssl",
      arguments: [
        "s_client", "-connect", "127.0.0.1:\(server.address.port)", "-CAfile", server.authority.certificateFile,
      ]
        + arguments, stdin: Array(input.utf8))
    _ = await child.wait()
    return child.stdout.text
  }

  private func replace(_ path: String, with bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(filePath: path))
  }
}
