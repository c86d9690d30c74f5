import FederationAPI
import Foundation
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Transport

/// Lets in whose certificate it was told to, as a subject of the certificate's own bytes.
private final class Doorkeeper: PeerVerifier {
  private let refusal: PeerRefusal?
  let seen = Mutex<[[UInt8]]>([])
  let failures: AsyncStream<String>
  private let failed: AsyncStream<String>.Continuation

  init(refusing refusal: PeerRefusal? = nil) {
    self.refusal = refusal
    (failures, failed) = AsyncStream.makeStream()
  }

  func identity(of certificates: [[UInt8]]) throws(PeerRefusal) -> ConnectionIdentity {
    seen.withLock { $0 = certificates }
    if let refusal { throw refusal }
    let identity = VerifiedIdentity(
      method: .spiffe, provider: "p", subject: "peer of \(certificates.count)", kubernetes: nil, federations: [],
      expiresAtSeconds: .max)
    return ConnectionIdentity(certificates: certificates, identity: identity)
  }

  func handshakeFailed(_ reason: String, peer: String) { failed.yield("\(peer.hasPrefix("127.0.0.1:")) \(reason)") }
}

/// Says who the peer is, and ends.
private final class NamingHandler: ConnectionHandler {
  private let name: String
  init(_ name: String) { self.name = name }
  func opened(_ connection: Connection) {
    connection.write(Array(name.utf8))
    connection.close(.finished)
  }
  func receive(_ bytes: RawSpan, on connection: Connection) -> Int { bytes.byteCount }
  func inputEnded(on connection: Connection) { connection.close(.peerClosed) }
  func outputDrained(on connection: Connection) {}
  func timerFired(_ tag: UInt64, on connection: Connection) {}
  func drain(on connection: Connection) { connection.close(.draining) }
  func closed(_ connection: Connection, reason: CloseReason) {}
}

@Suite(.timeLimit(.minutes(1))) struct PeerVerifierTests {
  private let server: TestCertificateAuthority
  private let client: TestCertificateAuthority
  private let group: EventLoopGroup
  private let doorkeeper: Doorkeeper
  private let address: ListenAddress

  init() throws { try self.init(refusing: nil) }

  private init(refusing refusal: PeerRefusal?, minimumVersion: TLSVersion = .v13) throws {
    server = try TestCertificateAuthority()
    client = try TestCertificateAuthority(name: "Clients")
    let certificate = try server.issue()
    doorkeeper = Doorkeeper(refusing: refusal)
    group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let tls = try ServerTLS(
      .files(certificate: certificate.certificateFile, key: certificate.keyFile), minimumVersion: minimumVersion,
      alpn: ["ttrpc"], peers: doorkeeper)
    address = try group.listen(
      host: "127.0.0.1", port: 0, tls: tls, limits: ListenerLimits(),
      makeIdentifiedHandler: { NamingHandler($1?.identity?.subject ?? "nobody") }, makeRefusal: nil)
  }

  @Test("a peer's own certificates are what its connection is known by, in TLS 1.2 too", arguments: TLSVersion.allCases)
  func identity(version: TLSVersion) async throws {
    let world = try PeerVerifierTests(refusing: nil, minimumVersion: .v12)
    let between = try TestCertificateAuthority(name: "Between", below: world.client)
    let shown = try between.issueSVID(.init("spiffe://td/app"), intermediates: between.certificatePEM)
    let output = try await world.openssl(showing: shown, version, ["-cert_chain", between.certificateFile])
    #expect(output.contains("peer of 2"), "\(output)")
    #expect(world.doorkeeper.seen.withLock { $0 } == shown.der)
    await world.group.shutDown(graceSeconds: 1)
  }

  @Test(
    "whoever is refused gets an alert and no handler, and the log the reason",
    arguments: [
      (PeerRefusal.Alert.expired, "certificate expired"), (.unknownAuthority, "unknown ca"),
      (.badCertificate, "bad certificate"), (.notAuthorized, "handshake failure"),
    ])
  func refusal(alert: PeerRefusal.Alert, text: String) async throws {
    let world = try PeerVerifierTests(refusing: PeerRefusal(alert, "not today"))
    let output = try await world.openssl(showing: world.client.issueSVID("spiffe://td/app"))
    #expect(output.contains("alert \(text)"), "\(output)")
    for await failure in world.doorkeeper.failures {
      #expect(failure == "true not today")
      break
    }
    await world.group.shutDown(graceSeconds: 1)
  }

  @Test("whoever shows no certificate does not get in, and the verifier is not asked")
  func nothingShown() async throws {
    let output = try await openssl(showing: nil)
    #expect(output.contains("alert certificate required"), "\(output)")
    #expect(doorkeeper.seen.withLock { $0 }.isEmpty)
    for await failure in doorkeeper.failures {
      #expect(failure.contains("peer did not return a certificate"), "\(failure)")
      break
    }
    await group.shutDown(graceSeconds: 1)
  }

  @Test("a client shows 64 KiB of certificates at most, which nobody reads when they are more", arguments: [40, 80])
  func sizeOfChain(kibibytes: Int) async throws {
    let shown = try client.issueSVID("spiffe://td/app")
    let each = shown.der.first?.count ?? 0
    let count = (kibibytes << 10) / each
    let chain = try client.directory.write(Array(repeatElement(shown.pem, count: count).joined()), to: "chain.pem")
    let output = try await openssl(showing: shown, .v13, ["-cert_chain", chain])
    if kibibytes < 64 {
      #expect(output.contains("peer of \(count + 1)"), "\(output)")
    } else {
      try #require(doorkeeper.seen.withLock { $0 }.isEmpty)
      for await failure in doorkeeper.failures {
        #expect(failure.contains("excessive message size"), "\(failure)")
        break
      }
    }
    await group.shutDown(graceSeconds: 1)
  }

  @Test("no session is resumed: who comes again is judged again", arguments: TLSVersion.allCases)
  func noResumption(version: TLSVersion) async throws {
    let world = try PeerVerifierTests(refusing: nil, minimumVersion: .v12)
    let shown = try world.client.issueSVID("spiffe://td/app")
    let session = world.client.directory.path + "/session.pem"
    #expect(try await world.openssl(showing: shown, version, ["-sess_out", session]).contains("peer of 1"))
    world.doorkeeper.seen.withLock { $0 = [] }
    // TLS 1.3 leaves no session at all behind.
    let again = FileManager.default.fileExists(atPath: session) ? ["-sess_in", session] : []
    let output = try await world.openssl(showing: shown, version, again)
    #expect(output.contains("New, TLSv1.") && !output.contains("Reused"), "\(output)")
    #expect(world.doorkeeper.seen.withLock { $0 } == shown.der)
    await world.group.shutDown(graceSeconds: 1)
  }

  /// What openssl's client prints: what the server says, or why there is no server.
  private func openssl(
    showing svid: TestCertificateAuthority.IssuedSVID?, _ version: TLSVersion = .v13, _ more: [String] = []
  ) async throws -> String {
    let files = try svid?.write(to: client.directory)
    let child = try ChildProgram(
      path: "/usr/bin/openssl",
      arguments: [
        "s_client", "-connect", "127.0.0.1:\(address.port)", "-CAfile", server.certificateFile,
        version == .v12 ? "-tls1_2" : "-tls1_3", "-ign_eof",
      ] + (files.map { ["-cert", $0.certificate, "-key", $0.key] } ?? []) + more)
    _ = await child.wait()
    return child.stdout.text + child.stderr.text
  }
}
