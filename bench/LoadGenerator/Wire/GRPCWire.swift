import FederationAPI
import HTTP2

/// One gRPC connection: calls are streams of an HTTP/2 session, which is nghttp2's as the server's is.
final class GRPCWire: CallWire {
  /// What all connections of a loop share.
  final class Shared {
    var requests: GRPCRequests
    let message: ReplyMessage

    init(requests: GRPCRequests, message: ReplyMessage) {
      self.requests = requests
      self.message = message
    }
  }

  /// A call under way: what is left of its body to send, and what came of its answer.
  private struct Running {
    let call: Call
    let body: [UInt8]
    var sent = 0
    var reply = GRPCReply()
  }

  private enum Answer { case whole(Call, ReplyFault?), reset(Call, HTTP2ErrorCode) }

  private let shared: Shared
  private var session: HTTP2Session?
  private var running: [Int32: Running] = [:]
  private var answers: [Answer] = []
  private var outgoing: [UInt8] = []
  private var failure: String?

  init(shared: Shared) {
    self.shared = shared
    var limits = HTTP2Limits()
    // A generator reads all that comes at once, so that no server waits for window.
    limits.streamWindow = 1 << 20
    limits.connectionWindow = 1 << 28
    do {
      session = try HTTP2Session(.client, limits: limits, delegate: self)
    } catch {
      failure = error.description
    }
  }

  func send(_ call: Call, to output: some RequestOutput) {
    guard let session, let streamID = session.submitRequest(shared.requests.fields(call)) else {
      failure = failure ?? "no further stream can be opened on this connection"
      return
    }
    running[streamID] = Running(call: call, body: shared.requests.body(call))
  }

  func flush(to output: some RequestOutput) {
    do {
      while try session?.send({ bytes in bytes.withUnsafeBytes { outgoing.append(contentsOf: $0) } }) ?? false {}
    } catch {
      failure = failure ?? error.description
    }
    guard !outgoing.isEmpty else { return }
    output.write(outgoing)
    outgoing.removeAll(keepingCapacity: true)
  }

  func nextReply(in bytes: RawSpan, at offset: inout Int) -> ReplyStep {
    if offset < bytes.byteCount {
      do {
        try session?.receive(bytes.extracting(offset..<bytes.byteCount))
      } catch {
        failure = failure ?? error.description
      }
      offset = bytes.byteCount
      // Taken from the end, so that taking is cheap; the order of streams that ended together says nothing.
      answers.reverse()
    }
    switch answers.popLast() {
    case .whole(let call, let fault): return .reply(call, fault: fault)
    case .reset(let call, let code):
      return .reply(call, fault: .refused(code: Int(code.rawValue), message: "the stream was reset"))
    case nil: return failure.map { .broken($0) } ?? .incomplete
    }
  }
}

extension GRPCWire: HTTP2SessionDelegate {
  func headersBegan(_ streamID: Int32) -> Bool { running[streamID] != nil }

  func field(_ streamID: Int32, name: RawSpan, value: RawSpan) -> Verdict {
    running[streamID]?.reply.add(field: name, value)
    return .next
  }

  func data(_ streamID: Int32, _ bytes: RawSpan) {
    running[streamID]?.reply.add(body: bytes)
    session?.consume(streamID, bytes.byteCount)
  }

  func received(_ frame: SessionFrame) {}

  func sent(_ frame: SessionFrame) {
    // A client that still has calls says GOAWAY only where it cannot read on.
    if frame.kind == .goAway { failure = failure ?? "what comes is no HTTP/2" }
  }

  func streamClosed(_ streamID: Int32, _ code: HTTP2ErrorCode) {
    guard let one = running.removeValue(forKey: streamID) else { return }
    answers.append(
      code == .noError ? .whole(one.call, one.reply.fault(as: shared.message, for: one.call)) : .reset(one.call, code))
  }

  func bodyToSend(_ streamID: Int32, room: Int) -> HTTP2Session.BodyPart {
    guard let one = running[streamID] else { return .bytes(0, isLast: true, hasTrailers: false) }
    let count = min(room, one.body.count - one.sent)
    return .bytes(count, isLast: one.sent + count == one.body.count, hasTrailers: false)
  }

  func sendBody(_ streamID: Int32, head: RawSpan, count: Int) -> Bool {
    head.withUnsafeBytes { outgoing.append(contentsOf: $0) }
    guard let one = running[streamID] else { return true }
    outgoing += one.body[one.sent..<one.sent + count]
    running[streamID]?.sent += count
    return true
  }
}
