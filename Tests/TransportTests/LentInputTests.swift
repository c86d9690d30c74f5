import FederationAPI
import Logging
import TestSupport
import Testing

@testable import Transport

/// Aborts or closes while it reads, and then goes on reading what it was lent.
private final class ClosingReader: ConnectionHandler {
  private let aborts: Bool
  private let seen: AsyncStream<[UInt8]>.Continuation

  init(aborts: Bool, seen: AsyncStream<[UInt8]>.Continuation) {
    self.aborts = aborts
    self.seen = seen
  }
  func opened(_ connection: Connection) {}
  func receive(_ bytes: RawSpan, on connection: Connection) -> Int {
    guard bytes.byteCount >= 4 else { return 0 }
    if aborts { connection.abort(.finished) } else { connection.close(.finished) }
    seen.yield(bytes.withUnsafeBytes { Array($0) })
    seen.finish()
    return bytes.byteCount
  }
  func inputEnded(on connection: Connection) {}
  func outputDrained(on connection: Connection) {}
  func timerFired(_ tag: UInt64, on connection: Connection) {}
  func drain(on connection: Connection) { connection.close(.draining) }
  func closed(_ connection: Connection, reason: CloseReason) {}
}

@Suite struct LentInputTests {
  @Test("bytes that a handler was lent stay what they are when it ends the connection", arguments: [true, false])
  func endWhileReading(aborts: Bool) async throws {
    let group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let (seen, continuation) = AsyncStream<[UInt8]>.makeStream()
    let address = try group.listen(host: "127.0.0.1", port: 0, tls: nil) { _ in
      ClosingReader(aborts: aborts, seen: continuation)
    }
    let client = try await group.connect(DialTarget(host: "127.0.0.1", port: address.port, tls: nil)) { _ in
      EchoHandler()
    }
    client.run { $0.write([1, 2, 3, 4]) }
    for await bytes in seen { #expect(bytes == [1, 2, 3, 4]) }
    await group.shutDown(graceSeconds: 1)
  }

  @Test("a peer that only holds a socket does not hold up a drain")
  func silentHandshake() async throws {
    let log = Log(level: .error)
    let server = try EventLoopGroup(loops: 1, log: log)
    let client = try EventLoopGroup(loops: 1, log: log)
    let authority = try TestCertificateAuthority()
    let certificate = try authority.issue()
    let tls = try ServerTLS(
      certificateFile: certificate.certificateFile, keyFile: certificate.keyFile, alpn: ["ttrpc"])
    let address = try server.listen(host: "127.0.0.1", port: 0, tls: tls) { _ in EchoHandler() }
    _ = try await client.connect(DialTarget(host: "127.0.0.1", port: address.port, tls: nil)) { _ in EchoHandler() }
    let started = MonotonicTime.now
    await server.shutDown(graceSeconds: 8)
    #expect(started.nanoseconds(until: .now) < 5_000_000_000)
    await client.shutDown(graceSeconds: 1)
  }
}
