import FederationAPI
import FederationProto
import Transport

/// The short way from a frame to its answer: for unary calls whose answer is in memory, which is what a busy server
/// mostly gets.
extension TTRPCServerConnection {
  /// Answers the call when that takes nothing but memory. False when nothing was done and ``handle(_:_:on:)`` has to
  /// look: it knows every rule, and this only the way on which none is broken.
  func answerAtOnce(_ header: FrameHeader, _ data: RawSpan, on connection: Connection) -> Bool {
    guard let session, header.kind == FrameHeader.Kind.request, header.flags == 0, !isDraining,
      streams.mayOpen(header.streamID), let request = ImmediateEnvelope(data),
      let answer = dispatcher.immediateAnswer(
        service: data.extracting(request.service), method: data.extracting(request.method),
        payload: data.extracting(request.payload), authorization: data.extracting(request.authorization),
        session: session, now: connection.now)
    else { return false }
    let length = ResponseFrame.length(payloadCount: answer.count)
    guard length <= limits.messageBytes, connection.outputCount + length <= limits.unsentBytes else { return false }
    _ = streams.open(header.streamID)
    ResponseFrame.withHead(payloadCount: answer.count, streamID: header.streamID) { head in
      connection.write(head.byteCount + answer.count) { room in
        head.withUnsafeBytes { room.copyMemory(from: $0) }
        answer.write(to: UnsafeMutableRawBufferPointer(rebasing: room[head.byteCount...]))
      }
    }
    // Nothing else is answered from memory.
    counts?.answered(.ttrpc, .getSecret, .ok)
    if !connection.isPeerProved { connection.notePeerProved() }
    return true
  }
}

/// A `ttrpc.Request` as ordinary clients send it; see ``RequestEnvelope`` for all that one may be.
///
/// Texts are not checked to be UTF-8: whoever uses this compares them with texts that are, and turns to
/// ``RequestEnvelope`` when they differ.
struct ImmediateEnvelope {
  private(set) var service = 0..<0
  private(set) var method = 0..<0
  private(set) var payload = 0..<0
  /// Empty when there is none.
  private(set) var authorization = 0..<0

  /// Nil when there is anything that needs a closer look: an `x-workload-token`, a deadline that has passed, an
  /// empty authorization, fields that are unknown or malformed, a name that comes twice: the first one counts only if
  /// it is UTF-8.
  init?(_ bytes: RawSpan) {
    var reader = ProtobufReader(0..<bytes.byteCount)
    do {
      while let field = try reader.next(in: bytes) {
        switch (field.number, field.value) {
        case (1, .bytes(let range)) where service.isEmpty: service = range
        case (2, .bytes(let range)) where method.isEmpty: method = range
        case (3, .bytes(let range)): payload = range
        case (4, .varint(let timeout)): if Int64(bitPattern: timeout) < 0 { return nil }
        case (5, .bytes(let range)): if try !readMetadata(in: range, of: bytes) { return nil }
        default: return nil
        }
      }
    } catch {
      return nil
    }
  }

  /// False when it is not one plain entry, or one that decides who is calling and is not the only such.
  private mutating func readMetadata(in range: Range<Int>, of bytes: RawSpan) throws(ProtobufWireError) -> Bool {
    var reader = ProtobufReader(range)
    guard let key = try reader.next(in: bytes), key.number == 1, case .bytes(let name) = key.value,
      let field = try reader.next(in: bytes), field.number == 2, case .bytes(let value) = field.value,
      try reader.next(in: bytes) == nil
    else { return false }
    if bytes.extracting(name).isEqual(to: "authorization") {
      guard authorization.isEmpty, !value.isEmpty else { return false }
      authorization = value
      return true
    }
    return !bytes.extracting(name).isEqual(to: "x-workload-token") && bytes.isUTF8(name) && bytes.isUTF8(value)
  }
}
