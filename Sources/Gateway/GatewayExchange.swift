import FederationAPI
import HTTP1

/// One connection's requests for secrets that are answered from memory.
final class GatewayExchange: ImmediateExchange {
  private let memory: GatewayMemory
  private let session: any ImmediateSession
  private var prepared: SecretBytes?
  private(set) var fieldLines = GatewayExchange.fieldLineTemplate

  private static let requestIDDigits = 16
  /// The request's ID comes last, so that it can be written over.
  private static let fieldLineTemplate = GatewayAnswer.fields(
    requestID: String(repeating: "0", count: requestIDDigits)
  ).flatMap { Array("\($0.name): \($0.value)\r\n".utf8) }

  /// Without an identity of the peer's own none is bound: behind a proxy one connection carries many callers.
  init(memory: GatewayMemory, peer: String, identity: ConnectionIdentity?) {
    self.memory = memory
    session = memory.answers.session(binding: identity, peer: peer)
  }

  func prepare(target: RawSpan, authorization: RawSpan, body: RawSpan, now: MonotonicTime) -> Int? {
    guard let route = SecretRoute(target),
      let secret = memory.withCACertificates(
        in: body,
        {
          session.secret(
            store: target.extracting(route.store), name: target.extracting(route.name), caCertificates: $0,
            authorization: authorization, now: now)
        }),
      let count = secret.withBytes({ JSONStringLiteral.count($0) })
    else { return nil }
    prepared = secret
    writeRequestID()
    return count
  }

  func writeBody(to room: UnsafeMutableRawBufferPointer) {
    prepared?.withBytes { JSONStringLiteral.write($0, to: room) }
    prepared = nil
  }

  private func writeRequestID() {
    var rest = memory.makeRequestID()
    var index = fieldLines.count - 2
    for _ in 0..<GatewayExchange.requestIDDigits {
      index -= 1
      fieldLines[index] = JSONStringLiteral.hexadecimalDigit(UInt8(truncatingIfNeeded: rest & 0xF))
      rest >>= 4
    }
  }
}

/// `/secretstore/{store}/secrets/{name}` without percent escapes; other paths are ``Route``'s.
struct SecretRoute {
  let store: Range<Int>
  let name: Range<Int>

  init?(_ path: RawSpan) {
    guard path.starts(with: "/secretstore/") else { return nil }
    let storeStart = 13
    guard let storeEnd = SecretRoute.endOfSegment(path, from: storeStart), storeEnd > storeStart,
      path.extracting(storeEnd..<path.byteCount).starts(with: "/secrets/")
    else { return nil }
    let nameStart = storeEnd + 9
    guard let nameEnd = SecretRoute.endOfSegment(path, from: nameStart), nameEnd > nameStart,
      nameEnd == path.byteCount
    else { return nil }
    store = storeStart..<storeEnd
    name = nameStart..<nameEnd
  }

  private static func endOfSegment(_ path: RawSpan, from start: Int) -> Int? {
    var offset = start
    while offset < path.byteCount {
      let byte = path.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      if byte == UInt8(ascii: "/") { break }
      if byte == UInt8(ascii: "%") { return nil }
      offset += 1
    }
    return offset
  }
}
