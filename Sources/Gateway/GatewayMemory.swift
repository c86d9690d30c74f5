import FederationAPI
import HTTP1

/// What one event loop's gateway connections share, so that a request whose answer is in memory takes no lock.
final class GatewayMemory: ImmediateResponder {
  /// A body that was read before: callers of one cluster all send the same.
  private struct KnownBody {
    let body: [UInt8]
    let caCertificates: [UInt8]
  }

  private static let maximumBodies = 8

  let answers: any ImmediateAnswers
  private let reader: CACertificatesReader
  private var bodies: [KnownBody] = []
  private var nextBody = 0
  private var requests: UInt64 = 0

  init(answers: any ImmediateAnswers, reader: CACertificatesReader) {
    self.answers = answers
    self.reader = reader
  }

  var method: CallMethod? { .getSecret }
  var source: (any ImmediateAnswers)? { answers }

  func exchange(peer: String, identity: ConnectionIdentity?) -> any ImmediateExchange {
    GatewayExchange(memory: self, peer: peer, identity: identity)
  }

  /// Lends the PEM bundle in `body` to `use`; nil when the body is none that is known to be right.
  func withCACertificates<Result>(in body: RawSpan, _ use: (RawSpan) -> Result?) -> Result? {
    if body.isEmpty || body.isEqual(to: "{}") { return use(RawSpan()) }
    for known in bodies where body.isEqual(to: known.body) { return use(known.caCertificates.span.bytes) }
    let copy = body.withUnsafeBytes { [UInt8]($0) }
    guard let caCertificates = reader.remembered(copy) else { return nil }
    let known = KnownBody(body: copy, caCertificates: caCertificates)
    if bodies.count < GatewayMemory.maximumBodies { bodies.append(known) } else { bodies[nextBody] = known }
    nextBody = (nextBody + 1) % GatewayMemory.maximumBodies
    return use(caCertificates.span.bytes)
  }

  /// A number that tells nothing of other callers: a keyed hash of how many requests there were.
  func makeRequestID() -> UInt64 {
    requests += 1
    var hasher = Hasher()
    hasher.combine(ObjectIdentifier(self))
    hasher.combine(requests)
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }
}
