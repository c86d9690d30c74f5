import FederationAPI
import FederationProto

/// A streaming call of the dispatcher that every RPC wire asks. What it has to say is taken only while the stream has room.
final class RPCStreamCall: GRPCStreamingHandler {
  private let stream: any RPCStream

  init(_ stream: any RPCStream) { self.stream = stream }

  /// A watch may be silent for as long as it lasts, once it has said of what.
  var endsWhenSilent: Bool { false }

  func received(_ message: RawSpan, on call: GRPCResponder) throws(RPCError) {
    try stream.received(message)
    pump(on: call)
  }

  func inputEnded(on call: GRPCResponder) throws(RPCError) {
    try stream.inputEnded()
    pump(on: call)
  }

  func pump(on call: GRPCResponder) {
    while !call.isFinished, !call.isFull {
      switch stream.next() {
      case .message(let message):
        do throws(RPCError) { try call.send(message) } catch { call.finish(error) }
      case .wait: return
      case .end(let error): call.finish(error)
      }
    }
  }

  func drain(on call: GRPCResponder) {
    stream.drain()
    // Whether there is room or not: the end waits behind what is unsent.
    if case .end(let error) = stream.next() { call.finish(error) }
  }

  func closed() { stream.close() }
}
