import FederationAPI
import FederationProto

/// One WatchSecrets of a client. It ends when it is let go of.
public struct WatchSecretsCall: Sendable {
  private let stream: any RPCClientStream
  /// A client closes its connection when it is let go of, and the watch is on that.
  private let client: any RPCStreaming

  init(_ stream: any RPCClientStream, on client: any RPCStreaming) {
    self.stream = stream
    self.client = client
  }

  /// The next event. Throws what the server ended the watch with: UNAUTHENTICATED when the token has expired,
  /// PERMISSION_DENIED when no store is granted any more, UNIMPLEMENTED when the server has no watches, UNAVAILABLE when it
  /// stops or the connection is lost. One task at a time may wait.
  public func next() async throws(RPCError) -> WatchSecretsEvent {
    guard var message = try await stream.next() else {
      throw RPCError(.unavailable, "the server ended the watch; watch again")
    }
    let event = Result { () throws(RPCError) in try WatchSecretsEvent(protobuf: message.span.bytes) }
    message.wipe()
    return try event.get()
  }

  /// Renews the identity before its token expires. `token` has to speak for the same subject.
  public func renew(token: String, caCertificates: [UInt8] = []) throws(RPCError) {
    let request = WatchSecretsRequest(secrets: [], caCertificates: caCertificates, token: Array(token.utf8))
    stream.send(try request.protobuf())
  }

  /// Gives the watch up.
  public func cancel() { stream.cancel() }
}
