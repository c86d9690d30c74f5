import FederationAPI
import Logging
import TestSupport

@testable import Transport

/// A server whose peers say what they are to be by their first byte: `p` for one that proves who it is, `b` for one that is
/// being served, anything else for one that has sent part of a request.
final class StrangerConnections: Sendable {
  enum Event: Sendable, Equatable {
    /// The name, and how many bytes have come of it.
    case heard(String, Int)
    case closed(String, CloseReason)
  }

  let group: EventLoopGroup
  let port: UInt16
  let events: AsyncStream<Event>

  init(_ set: (inout ListenerLimits) -> Void) throws {
    var limits = ListenerLimits()
    set(&limits)
    group = try EventLoopGroup(loops: 1, log: Log(level: .error) { _ in })
    let (events, continuation) = AsyncStream<Event>.makeStream()
    self.events = events
    port = try group.listen(host: "127.0.0.1", port: 0, tls: nil, limits: limits) { _ in Handler(continuation) }.port
  }

  func client(_ name: String, from host: UInt8 = 1) throws -> RawClient {
    let client = try RawClient(port: port, from: host)
    client.send(name)
    return client
  }

  var counts: LoopCounts {
    get async {
      guard case .given(let counts)? = await group.ask(within: 60, { $0.counts }).first else { return LoopCounts() }
      return counts
    }
  }

  /// Consumes nothing, so that all that comes is part of a request. Its name is what comes first.
  private final class Handler: ConnectionHandler {
    private let events: AsyncStream<Event>.Continuation
    private var name = ""
    init(_ events: AsyncStream<Event>.Continuation) { self.events = events }

    var isIdle: Bool { name.first != "b" }
    func opened(_ connection: Connection) {}
    func receive(_ bytes: RawSpan, on connection: Connection) -> Int {
      if name.isEmpty { name = bytes.withUnsafeBytes { String(decoding: $0.prefix(2), as: UTF8.self) } }
      if name.first == "p" { connection.notePeerProved() }
      events.yield(.heard(name, bytes.byteCount))
      return 0
    }
    func inputEnded(on connection: Connection) { connection.close(.peerClosed) }
    func outputDrained(on connection: Connection) {}
    func timerFired(_ tag: UInt64, on connection: Connection) {}
    func drain(on connection: Connection) { connection.close(.draining) }
    func closed(_ connection: Connection, reason: CloseReason) { events.yield(.closed(name, reason)) }
  }
}
