import FederationProto

/// Compares a ttrpc Response with what it must be, where it stands.
///
/// `Response {google.rpc.Status status=1; bytes payload=2}`, `Status {int32 code=1; string message=2}`.
struct TTRPCReply {
  let message: ReplyMessage

  /// What is wrong with the Response in `range` as the answer to `call`, nil when nothing is.
  func fault(in bytes: RawSpan, _ range: Range<Int>, call: Call) -> ReplyFault? {
    // What a server sends who leaves an OK status out, read without the walk through the fields.
    if let payload = bytes.onlyField(2, in: range), message.isRight(payload, in: bytes, for: call) { return nil }
    do {
      return try walkedFault(in: bytes, range, call: call)
    } catch {
      return .malformed
    }
  }

  private func walkedFault(
    in bytes: RawSpan, _ range: Range<Int>, call: Call
  ) throws(ProtobufWireError) -> ReplyFault? {
    var code: UInt64 = 0
    var text = ""
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
        case (2, .bytes(let words)): text = bytes.text(words) ?? ""
        default: break
        }
      }
    }
    if code != 0 { return .refused(code: Int(truncatingIfNeeded: code), message: text) }
    return message.isRight(payload, in: bytes, for: call) ? nil : .wrongContent
  }
}
