import FederationAPI
import FederationProto

/// Where the parts of a `ttrpc.Response` stand in a frame's data; nothing is copied.
///
/// `Response {google.rpc.Status status=1; bytes payload=2}`, `Status {int32 code=1; string message=2; repeated Any
/// details=3}`.
struct ResponseEnvelope: Equatable {
  /// 0 for success; a response of success may come without a status.
  var code: Int32 = 0
  /// The status's message.
  var message = 0..<0
  /// How long the status asks to wait.
  var retryAfterSeconds: Double?
  /// The encoded response message.
  var payload = 0..<0

  /// Finds the parts in `bytes`.
  init(_ bytes: RawSpan) throws(EnvelopeError) {
    var reader = ProtobufReader(0..<bytes.byteCount)
    while let field = try reader.nextField(in: bytes) {
      switch field.number {
      case 1: try readStatus(try field.range, in: bytes)
      case 2: payload = try field.range
      default: break
      }
    }
  }

  private mutating func readStatus(_ range: Range<Int>, in bytes: RawSpan) throws(EnvelopeError) {
    var reader = ProtobufReader(range)
    while let field = try reader.nextField(in: bytes) {
      switch field.number {
      case 1: code = Int32(truncatingIfNeeded: try field.varint)
      case 2: message = try field.text("message", in: bytes)
      case 3: retryAfterSeconds = ErrorStatus.retryAfterSeconds(inDetail: bytes.extracting(try field.range))
      default: break
      }
    }
  }

  /// What the call's caller gets. Codes that this program does not know become UNKNOWN.
  func result(in bytes: RawSpan) -> Result<[UInt8], RPCError> {
    guard code != 0 else { return .success(bytes.extracting(payload).withUnsafeBytes { [UInt8]($0) }) }
    let known = UInt32(exactly: code).flatMap { StatusCode(rawValue: $0) } ?? .unknown
    return .failure(RPCError(known, bytes.text(message) ?? "", retryAfterSeconds: retryAfterSeconds))
  }
}
