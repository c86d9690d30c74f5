import FederationAPI
import FederationProto

extension FuzzTarget {
  /// However a status asks to wait, it is for a time that can be waited, and for the same when it is told on.
  static let errorStatus = FuzzTarget("error-status") { bytes in
    let spans = [
      ErrorStatus.retryAfterSeconds(inStatus: bytes.span.bytes),
      ErrorStatus.retryAfterSeconds(inDetail: bytes.span.bytes),
    ]
    for seconds in spans {
      guard let seconds else { continue }
      try hold((0...86_400).contains(seconds), "a pause has an end")
      let message = String(decoding: bytes, as: UTF8.self)
      let status = ErrorStatus.encoded(RPCError(.resourceExhausted, message, retryAfterSeconds: seconds))
      let again = ErrorStatus.retryAfterSeconds(inStatus: status.span.bytes)
      try hold(again.map { abs($0 - seconds) < 1e-6 } == true, "a pause comes back")
    }
  }
}
