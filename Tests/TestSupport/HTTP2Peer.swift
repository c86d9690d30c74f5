import FederationAPI
import Transport

/// A client that writes any HTTP/2 frames and reads frames, so that a test can break every rule.
public final class HTTP2Peer {
  /// One frame from the server.
  public struct Frame: Equatable, Sendable {
    /// Its type's number (RFC 9113 section 6).
    public var type: UInt8
    /// Its flags.
    public var flags: UInt8
    /// Its stream, 0 for the connection.
    public var streamID: UInt32
    /// What follows the header.
    public var payload: [UInt8]

    /// RST_STREAM's code, or GOAWAY's; nil for others.
    public var errorCode: UInt32? {
      switch type {
      case 3: HTTP2Peer.number(payload[0..<4])
      case 7: HTTP2Peer.number(payload[4..<8])
      default: nil
      }
    }

    /// The last stream of a GOAWAY.
    public var lastStream: UInt32? { type == 7 ? HTTP2Peer.number(payload[0..<4]) : nil }

    /// What a GOAWAY says besides.
    public var debug: String { type == 7 ? String(decoding: payload[8...], as: UTF8.self) : "" }
  }

  /// What every client says first (RFC 9113 section 3.4).
  public static let magic = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  private let reference: ConnectionReference
  private var bytes: AsyncStream<[UInt8]>.Iterator
  private var kept: [UInt8] = []

  private init(_ reference: ConnectionReference, _ stream: AsyncStream<[UInt8]>) {
    self.reference = reference
    bytes = stream.makeAsyncIterator()
  }

  /// Connects without TLS and sends `greeting`, by default the magic and empty SETTINGS.
  public static func connect(
    port: UInt16, group: EventLoopGroup, greeting: [UInt8] = magic + frame(4)
  ) async throws(RPCError) -> HTTP2Peer {
    let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
    let reference = try await group.connect(DialTarget(host: "127.0.0.1", port: port, tls: nil)) { _ in
      PeerHandler(continuation, greeting)
    }
    return HTTP2Peer(reference, stream)
  }

  /// Sends `bytes`.
  public func send(_ bytes: [UInt8]) { reference.run { $0.write(bytes) } }

  /// Ends this side.
  public func close() { reference.run { $0.close(.finished) } }

  /// The next frame, or nil when the server has closed the connection.
  public func next() async -> Frame? {
    while kept.count < 9 || kept.count < 9 + Int(HTTP2Peer.number(kept[0..<3])) {
      guard let more = await bytes.next() else { return nil }
      kept += more
    }
    let end = 9 + Int(HTTP2Peer.number(kept[0..<3]))
    defer { kept.removeFirst(end) }
    return Frame(
      type: kept[3], flags: kept[4], streamID: HTTP2Peer.number(kept[5..<9]) & 0x7FFF_FFFF,
      payload: Array(kept[9..<end]))
  }

  /// The next frame of `type`, others dropped; nil when the server has closed the connection.
  public func next(_ type: UInt8) async -> Frame? {
    while let frame = await next() {
      if frame.type == type { return frame }
    }
    return nil
  }

  /// Whether nothing but the connection's end follows, others dropped.
  public func ends() async -> Bool {
    while await next() != nil {}
    return true
  }

  // MARK: Frames

  /// Big-endian.
  public static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }

  /// A frame.
  public static func frame(_ type: UInt8, flags: UInt8 = 0, _ streamID: UInt32 = 0, _ payload: [UInt8] = []) -> [UInt8]
  {
    let count = payload.count
    return [UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255), type, flags] + bytes(streamID)
      + payload
  }

  /// DATA.
  public static func data(_ streamID: UInt32, _ payload: [UInt8], isLast: Bool = true) -> [UInt8] {
    frame(0, flags: isLast ? 1 : 0, streamID, payload)
  }

  /// HEADERS of a request.
  public static func request(
    _ streamID: UInt32, _ path: String, method: String = "POST", _ fields: [(String, String)] = [], isLast: Bool = false
  ) -> [UInt8] {
    let all = [(":method", method), (":scheme", "http"), (":path", path), (":authority", "localhost")] + fields
    return frame(1, flags: isLast ? 5 : 4, streamID, all.flatMap { literal($0.0, $0.1) })
  }

  /// A field that is not put into the table (RFC 7541 section 6.2.2).
  public static func literal(_ name: String, _ value: String) -> [UInt8] { [0] + text(name) + text(value) }

  /// A field that is put into the table (RFC 7541 section 6.2.1).
  public static func indexed(_ name: String, _ value: String) -> [UInt8] { [0x40] + text(name) + text(value) }

  /// RST_STREAM.
  public static func reset(_ streamID: UInt32, _ code: UInt32 = 8) -> [UInt8] { frame(3, streamID, bytes(code)) }

  /// PING.
  public static func ping(isAcknowledgement: Bool = false) -> [UInt8] {
    frame(6, flags: isAcknowledgement ? 1 : 0, 0, [UInt8](repeating: 0, count: 8))
  }

  /// SETTINGS_INITIAL_WINDOW_SIZE.
  public static func settings(window: UInt32) -> [UInt8] { frame(4, 0, [0, 4] + bytes(window)) }

  /// WINDOW_UPDATE.
  public static func windowUpdate(_ streamID: UInt32, _ count: UInt32) -> [UInt8] { frame(8, streamID, bytes(count)) }

  private static func bytes(_ number: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }

  private static func text(_ text: String) -> [UInt8] {
    let count = text.utf8.count
    guard count >= 127 else { return [UInt8(count)] + text.utf8 }
    var prefix: [UInt8] = [127]
    var rest = count - 127
    while rest >= 128 {
      prefix.append(UInt8(rest & 127 | 128))
      rest >>= 7
    }
    return prefix + [UInt8(rest)] + text.utf8
  }
}

private final class PeerHandler: ConnectionHandler {
  private let continuation: AsyncStream<[UInt8]>.Continuation
  private let greeting: [UInt8]

  init(_ continuation: AsyncStream<[UInt8]>.Continuation, _ greeting: [UInt8]) {
    self.continuation = continuation
    self.greeting = greeting
  }

  func opened(_ connection: Connection) { connection.write(greeting) }
  func receive(_ bytes: RawSpan, on connection: Connection) -> Int {
    continuation.yield(bytes.withUnsafeBytes { Array($0) })
    return bytes.byteCount
  }
  func inputEnded(on connection: Connection) { connection.close(.peerClosed) }
  func outputDrained(on connection: Connection) {}
  func timerFired(_ tag: UInt64, on connection: Connection) {}
  func drain(on connection: Connection) { connection.close(.draining) }
  func closed(_ connection: Connection, reason: CloseReason) { continuation.finish() }
}
