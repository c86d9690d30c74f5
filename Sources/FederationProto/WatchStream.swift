import FederationAPI

/// WatchSecrets in its protobuf form.
final class WatchStream: RPCStream {
  private let watch: any SecretWatch

  init(_ watch: any SecretWatch) { self.watch = watch }

  func received(_ message: RawSpan) throws(RPCError) { try watch.received(WatchSecretsRequest(protobuf: message)) }
  func inputEnded() throws(RPCError) { try watch.inputEnded() }
  func drain() { watch.drain() }
  func close() { watch.close() }

  func next() -> RPCStreamStep {
    switch watch.next() {
    case .event(let event): .message(event.protobuf())
    case .wait: .wait
    case .end(let error): .end(error)
    }
  }
}
