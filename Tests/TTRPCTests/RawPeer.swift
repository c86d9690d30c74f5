import FederationAPI
import FederationProto
import Transport

@testable import TTRPC

/// A peer that writes any bytes and reads frames, so that a test can break every rule.
final class RawPeer {
  /// One frame from the server.
  struct Frame: Equatable {
    var streamID: UInt32
    var kind: UInt8
    var result: Result<[UInt8], RPCError>

    /// A response that went well.
    static func success(_ streamID: UInt32, _ payload: [UInt8]) -> Frame {
      Frame(streamID: streamID, kind: 2, result: .success(payload))
    }

    static func failure(_ streamID: UInt32, _ code: StatusCode, _ message: String) -> Frame {
      Frame(streamID: streamID, kind: 2, result: .failure(RPCError(code, message)))
    }

    var code: StatusCode? {
      if case .failure(let error) = result { error.code } else { nil }
    }
  }

  let reference: ConnectionReference
  private var bytes: AsyncStream<[UInt8]>.Iterator
  private var kept: [UInt8] = []

  private init(reference: ConnectionReference, stream: AsyncStream<[UInt8]>) {
    self.reference = reference
    bytes = stream.makeAsyncIterator()
  }

  /// Connects and sends `greeting` at once, however busy the test's own threads are.
  static func connect(
    _ target: DialTarget, group: EventLoopGroup, greeting: [UInt8] = []
  ) async throws(RPCError) -> RawPeer {
    let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
    let reference = try await group.connect(target, limits: TTRPCClientConnection.transportLimits) { _ in
      RawHandler(continuation, greeting)
    }
    return RawPeer(reference: reference, stream: stream)
  }

  func send(_ bytes: [UInt8]) { reference.run { $0.write(bytes) } }

  /// Ends this side.
  func close() { reference.run { $0.close(.finished) } }

  /// The next frame, or nil when the server has closed the connection.
  func next() async -> Frame? {
    var reader = FrameReader(maximumLength: .max)
    while true {
      var offset = 0
      if case .frame(let header, let range) = reader.next(in: kept.span.bytes, at: &offset) {
        let data = Array(kept[range])
        kept.removeFirst(offset)
        let result = try? ResponseEnvelope(data.span.bytes).result(in: data.span.bytes)
        return Frame(
          streamID: header.streamID, kind: header.kind, result: result ?? .failure(RPCError(.dataLoss, "unreadable")))
      }
      guard let more = await bytes.next() else { return nil }
      kept += more
    }
  }

  /// The next frame as it came, header and all, or nil when the server has closed the connection.
  func nextBytes() async -> [UInt8]? {
    var reader = FrameReader(maximumLength: .max)
    while true {
      var offset = 0
      if case .frame(_, let range) = reader.next(in: kept.span.bytes, at: &offset) {
        defer { kept.removeFirst(offset) }
        return Array(kept[..<range.upperBound])
      }
      guard let more = await bytes.next() else { return nil }
      kept += more
    }
  }

  /// The next `count` frames.
  func next(_ count: Int) async -> [Frame] {
    var frames: [Frame] = []
    while frames.count < count, let frame = await next() { frames.append(frame) }
    return frames
  }

  private final class RawHandler: ConnectionHandler {
    let stream: AsyncStream<[UInt8]>.Continuation
    let greeting: [UInt8]
    init(_ stream: AsyncStream<[UInt8]>.Continuation, _ greeting: [UInt8]) {
      self.stream = stream
      self.greeting = greeting
    }
    func opened(_ connection: Connection) { connection.write(greeting) }
    func receive(_ bytes: RawSpan, on connection: Connection) -> Int {
      stream.yield(bytes.withUnsafeBytes { Array($0) })
      return bytes.byteCount
    }
    func inputEnded(on connection: Connection) { connection.close(.peerClosed) }
    func outputDrained(on connection: Connection) {}
    func timerFired(_ tag: UInt64, on connection: Connection) {}
    func drain(on connection: Connection) { connection.close(.draining) }
    func closed(_ connection: Connection, reason: CloseReason) { stream.finish() }
  }
}
