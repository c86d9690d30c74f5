import FederationAPI
import FederationProto
import Synchronization
import Transport

/// One streaming call of a ``TTRPCClient``.
///
/// ttrpc has no flow control for a stream: a caller that leaves ``TTRPCLimits/unsentBytes`` untaken loses the stream with
/// RESOURCE_EXHAUSTED.
final class ClientStream: RPCClientStream {
  let inbox: MessageInbox
  private let request: Mutex<ClientCall.Request?>
  private let reference: ConnectionReference

  init(_ request: ClientCall.Request, reference: ConnectionReference, limits: TTRPCLimits) {
    self.request = Mutex(request)
    self.reference = reference
    inbox = MessageInbox(maximumBytes: limits.unsentBytes)
  }

  deinit { cancel() }

  /// Hands the request over to be sent.
  func takeRequest() -> ClientCall.Request? { request.withLock { $0.take() } }

  func send(_ message: [UInt8]) { onLoop { $0.send(message, on: $1, $2) } }

  func next() async throws(RPCError) -> [UInt8]? {
    do throws(RPCError) { return try await inbox.next() } catch {
      // Whoever ended it, the server is to know.
      cancel()
      throw error
    }
  }

  func cancel() {
    guard !inbox.isFinished else { return }
    inbox.finish(.givenUp)
    let inbox = inbox
    reference.run { connection in
      (connection.handler as? TTRPCClientConnection)?.giveUp(inbox, connection)
    }
  }

  private func onLoop(_ body: @escaping @Sendable (TTRPCClientConnection, MessageInbox, Connection) -> Void) {
    let inbox = inbox
    reference.run { connection in
      if let handler = connection.handler as? TTRPCClientConnection { body(handler, inbox, connection) }
    }
  }
}
