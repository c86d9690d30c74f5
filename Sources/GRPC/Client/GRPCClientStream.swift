import FederationAPI
import FederationProto
import HTTP1
import HTTP2
import Synchronization

/// One streaming call of a ``GRPCClient``. A caller that does not take its messages gives the server no window for more.
final class GRPCClientStream: RPCClientStream {
  /// What comes, taken apart.
  private final class Incoming: Sendable {
    struct State {
      var reader: MessageReader
      /// Bytes that the server was not given new window for.
      var held = 0
    }

    let inbox: MessageInbox
    private let state: Mutex<State>

    init(limits: GRPCLimits) {
      inbox = MessageInbox(maximumBytes: .max)
      state = Mutex(State(reader: MessageReader(maximum: limits.messageBytes)))
    }

    /// Takes part of the body; gives how many bytes more may come.
    func received(_ bytes: RawSpan) -> Int {
      let error = state.withLock { state -> RPCError? in
        state.held += bytes.byteCount
        do throws(RPCError) {
          try state.reader.append(bytes)
          while let message = try state.reader.next() { _ = inbox.deliver(message) }
          return nil
        } catch {
          return error
        }
      }
      if let error { inbox.finish(error) }
      // A message that is larger than the window needs more of it to become whole.
      return release()
    }

    /// What may come now that messages were taken.
    func release() -> Int {
      guard inbox.isEmpty else { return 0 }
      return state.withLock { state in
        defer { state.held = 0 }
        return state.held
      }
    }

    func wipe() { state.withLock { $0.reader.wipe() } }
  }

  private let stream: HTTP2ClientStream
  private let incoming: Incoming

  init(
    _ client: HTTP2Client, _ fields: [HTTPFields.Field], first: [UInt8], isWhole: Bool = false,
    deadline: MonotonicTime?, limits: GRPCLimits
  ) {
    let incoming = Incoming(limits: limits)
    self.incoming = incoming
    stream = client.open(
      fields, body: MessageReader.prefix(first.count) + first, isWhole: isWhole, deadline: deadline,
      received: { incoming.received($0) },
      ended: { outcome in
        incoming.wipe()
        incoming.inbox.finish(GRPCClientStream.error(outcome))
      })
  }

  deinit { cancel() }

  func send(_ message: [UInt8]) { stream.send(MessageReader.prefix(message.count) + message) }

  func next() async throws(RPCError) -> [UInt8]? {
    do throws(RPCError) {
      let message = try await incoming.inbox.next()
      stream.consume(incoming.release())
      return message
    } catch {
      // Whoever ended it, the server is to know.
      cancel()
      throw error
    }
  }

  func cancel() {
    incoming.inbox.finish(.givenUp)
    stream.cancel()
  }

  private static func error(_ outcome: Result<HTTP2Answer, HTTP2ClientFailure>) -> RPCError? {
    switch outcome {
    case .success(let answer): GRPCStatusFields.error(answer)
    case .failure(let failure): RPCError(failure)
    }
  }
}
