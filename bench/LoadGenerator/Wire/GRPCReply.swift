/// The answer to one gRPC call as it comes in (gRPC over HTTP/2, "Responses").
struct GRPCReply {
  /// Bytes of the body that are kept; no answer of a run is larger.
  private static let maximumBody = 16 << 20

  private var body: [UInt8] = []
  private var isTooLarge = false
  private var status: Int?
  private var words = ""

  /// Takes a field of the head or of the trailers.
  mutating func add(field name: RawSpan, _ value: RawSpan) {
    if name.isEqual(to: "grpc-status") { status = value.text(0..<value.byteCount).flatMap { Int($0) } }
    if name.isEqual(to: "grpc-message") { words = value.text(0..<min(200, value.byteCount)) ?? "" }
  }

  /// Takes a part of the body.
  mutating func add(body part: RawSpan) {
    isTooLarge = isTooLarge || body.count + part.byteCount > Self.maximumBody
    guard !isTooLarge else { return }
    part.withUnsafeBytes { body.append(contentsOf: $0) }
  }

  /// What is wrong with the whole answer to `call`, nil when nothing is.
  func fault(as message: ReplyMessage, for call: Call) -> ReplyFault? {
    guard let status else { return .malformed }
    if status != 0 { return .refused(code: status, message: words) }
    guard !isTooLarge, body.count >= 5, body[0] == 0 else { return .malformed }
    let bytes = body.span.bytes
    // One message and nothing behind it: each call here is unary.
    guard Int(bytes.bigEndian32(1)) == body.count - 5 else { return .malformed }
    return message.isRight(5..<body.count, in: bytes, for: call) ? nil : .wrongContent
  }
}
