import FederationAPI
import Foundation
import HTTPClient
import Logging
import Synchronization
import TestSupport
import Transport

/// A server that answers each request with bytes that the test wrote out, whatever HTTP thinks of them.
final class ScriptedServer: Sendable {
  enum Event: Sendable, Equatable {
    /// A complete request came on the connection of that number, counted from 1 when its handshake is done.
    case request(Int, String)
    /// The connection of that number is gone.
    case closed(Int)
  }
  /// What to send for a request; nil sends nothing, and no bytes at all hang up.
  typealias Script = @Sendable (String) -> [UInt8]?

  let port: UInt16
  let url: String
  private let group: EventLoopGroup
  private let record: EventRecord

  init(
    certificate: TestCertificateAuthority.ServerCertificate?, closesAfterAnswer: Bool = false, script: @escaping Script
  )
    throws
  {
    let log = Log(level: .error)
    let tls = try certificate.map {
      try ServerTLS(
        certificateFile: $0.certificateFile, keyFile: $0.keyFile, minimumVersion: .v12, alpn: ["http/1.1"])
    }
    group = try EventLoopGroup(loops: 1, log: log)
    let record = EventRecord()
    self.record = record
    let address = try group.listen(host: "127.0.0.1", port: 0, tls: tls) { _ in
      ScriptedConnection(record: record, closesAfterAnswer: closesAfterAnswer, script: script)
    }
    port = address.port
    url = "\(tls == nil ? "http" : "https")://127.0.0.1:\(port)"
  }

  deinit {
    let group = group
    Task { await group.shutDown(graceSeconds: 0) }
  }

  /// Closes the listener and every connection.
  func stop() async { await group.shutDown(graceSeconds: 0) }

  var events: [Event] { record.events }
  var connectionCount: Int { record.connectionCount }
  /// Waits for the next event that `isWanted` accepts, those of before included.
  func wait(for isWanted: @escaping @Sendable (Event) -> Bool) async {
    for await event in record.stream where isWanted(event) { return }
  }
}

private final class EventRecord: Sendable {
  private let state = Mutex<(connections: Int, events: [ScriptedServer.Event])>((0, []))
  private let continuation: AsyncStream<ScriptedServer.Event>.Continuation
  let stream: AsyncStream<ScriptedServer.Event>

  init() { (stream, continuation) = AsyncStream.makeStream() }

  var events: [ScriptedServer.Event] { state.withLock { $0.events } }
  var connectionCount: Int { state.withLock { $0.connections } }
  func open() -> Int {
    state.withLock { state in
      state.connections += 1
      return state.connections
    }
  }
  func add(_ event: ScriptedServer.Event) {
    state.withLock { $0.events.append(event) }
    continuation.yield(event)
  }
}

private final class ScriptedConnection: ConnectionHandler {
  private let record: EventRecord
  private let closesAfterAnswer: Bool
  private let script: ScriptedServer.Script
  private var number = 0

  init(record: EventRecord, closesAfterAnswer: Bool, script: @escaping ScriptedServer.Script) {
    self.record = record
    self.closesAfterAnswer = closesAfterAnswer
    self.script = script
  }

  func opened(_ connection: Connection) { number = record.open() }

  func receive(_ bytes: RawSpan, on connection: Connection) -> Int {
    let text = bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    guard let end = text.range(of: "\r\n\r\n") else { return 0 }
    let length = text[..<end.lowerBound].split(separator: "\r\n").compactMap { line in
      line.lowercased().hasPrefix("content-length:") ? Int(line.dropFirst(15).filter(\.isNumber)) : nil
    }
    guard text[end.upperBound...].utf8.count >= length.first ?? 0 else { return 0 }
    record.add(.request(number, text))
    let answer = script(text)
    if let answer { connection.write(answer) }
    if closesAfterAnswer || answer?.isEmpty == true { connection.close(.finished) }
    return bytes.byteCount
  }

  func inputEnded(on connection: Connection) { connection.close(.finished) }
  func outputDrained(on connection: Connection) {}
  func timerFired(_ tag: UInt64, on connection: Connection) {}
  func drain(on connection: Connection) { connection.close(.draining) }
  func closed(_ connection: Connection, reason: CloseReason) { record.add(.closed(number)) }
}

/// A response with a length, so that the connection can be used again.
func response(_ status: String = "200 OK", headers: String = "", body: String = "") -> [UInt8] {
  Array("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)".utf8)
}

/// What `body` throws, or nil when it succeeds.
func failure(_ body: () async throws(HTTPClientError) -> HTTPResponse) async -> HTTPClientError? {
  do throws(HTTPClientError) {
    _ = try await body()
    return nil
  } catch { return error }
}
