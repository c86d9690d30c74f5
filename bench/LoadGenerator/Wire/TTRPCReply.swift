import FederationProto

/// Compares a ttrpc Response with what it must be, where it stands.
///
/// `Response {google.rpc.Status status=1; bytes payload=2}`, `Status {int32 code=1; string message=2}`.
struct TTRPCReply {
  let rule: ValueRule
  /// The encoded AuthenticateResponse by token.
  let identities: [[UInt8]]

  /// What is wrong with the Response in `range` as the answer to `call`, nil when nothing is.
  func fault(in bytes: RawSpan, _ range: Range<Int>, call: Call) -> ReplyFault? {
    // What a server sends who leaves an OK status out, read without the walk through the fields.
    if let payload = onlyField(2, in: bytes, range), holds(bytes, payload, call) { return nil }
    do {
      return try walkedFault(in: bytes, range, call: call)
    } catch {
      return .malformed
    }
  }

  private func holds(_ bytes: RawSpan, _ payload: Range<Int>, _ call: Call) -> Bool {
    switch call.kind {
    case .get:
      // GetSecretResponse {bytes value=1}
      guard let value = onlyField(1, in: bytes, payload) else { return false }
      return rule.matches(bytes, value, key: call.key)
    case .authenticate:
      guard case .token(let index) = call.credential, index < identities.count else { return false }
      return bytes.equals(identities[index], in: payload)
    }
  }

  /// The content of the length-delimited field `number` when it is all that stands in `range`.
  private func onlyField(_ number: UInt8, in bytes: RawSpan, _ range: Range<Int>) -> Range<Int>? {
    guard range.count >= 2, bytes.byte(range.lowerBound) == number << 3 | 2 else { return nil }
    var place = range.lowerBound + 1
    var count = 0
    var shift = 0
    while place < range.upperBound, shift < 35 {
      let byte = bytes.byte(place)
      place += 1
      count |= Int(byte & 0x7F) << shift
      if byte < 0x80 { return count == range.upperBound - place ? place..<range.upperBound : nil }
      shift += 7
    }
    return nil
  }

  private func walkedFault(
    in bytes: RawSpan, _ range: Range<Int>, call: Call
  ) throws(ProtobufWireError) -> ReplyFault? {
    var code: UInt64 = 0
    var message = ""
    var payload = 0..<0
    var reader = ProtobufReader(range)
    while let field = try reader.next(in: bytes) {
      guard case .bytes(let content) = field.value else { continue }
      if field.number == 2 { payload = content }
      guard field.number == 1 else { continue }
      var status = ProtobufReader(content)
      while let part = try status.next(in: bytes) {
        switch (part.number, part.value) {
        case (1, .varint(let number)): code = number
        case (2, .bytes(let text)): message = bytes.text(text) ?? ""
        default: break
        }
      }
    }
    if code != 0 { return .refused(code: Int(truncatingIfNeeded: code), message: message) }
    return holds(bytes, payload, call) ? nil : .wrongContent
  }
}
