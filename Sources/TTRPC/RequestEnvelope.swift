import FederationAPI
import FederationProto

/// Where the parts of a `ttrpc.Request` stand in a frame's data; nothing is copied.
///
/// `Request {string service=1; string method=2; bytes payload=3; int64 timeout_nano=4; repeated KeyValue
/// metadata=5}`, `KeyValue {string key=1; string value=2}`. Unknown fields are skipped, and of a field that
/// comes twice the last counts, as in every protobuf message.
struct RequestEnvelope: Equatable {
  /// The full proto name of the service.
  var service = 0..<0
  /// The bare name of the method.
  var method = 0..<0
  /// The encoded request message.
  var payload = 0..<0
  /// What was left of the caller's deadline when it sent the call; 0 for none, negative when it had passed.
  var timeoutNanoseconds: Int64 = 0
  /// The value of `authorization` in the metadata, which may be there once.
  var authorization: Range<Int>?
  /// The value of `x-workload-token` in the metadata, which may be there once.
  var workloadToken: Range<Int>?

  /// Finds the parts in `bytes`.
  init(_ bytes: RawSpan) throws(EnvelopeError) {
    var reader = ProtobufReader(0..<bytes.byteCount)
    while let field = try reader.nextField(in: bytes) {
      switch field.number {
      case 1: service = try field.text("service", in: bytes)
      case 2: method = try field.text("method", in: bytes)
      case 3: payload = try field.range
      case 4: timeoutNanoseconds = Int64(bitPattern: try field.varint)
      case 5: try readMetadata(try field.range, in: bytes)
      default: break
      }
    }
  }

  private mutating func readMetadata(_ range: Range<Int>, in bytes: RawSpan) throws(EnvelopeError) {
    var key = 0..<0
    var value = 0..<0
    var reader = ProtobufReader(range)
    while let field = try reader.nextField(in: bytes) {
      switch field.number {
      case 1: key = try field.text("metadata", in: bytes)
      case 2: value = try field.text("metadata", in: bytes)
      default: break
      }
    }
    if bytes.extracting(key).isEqual(to: "authorization") {
      guard authorization == nil else { throw .repeatedKey("authorization") }
      authorization = value
    } else if bytes.extracting(key).isEqual(to: "x-workload-token") {
      guard workloadToken == nil else { throw .repeatedKey("x-workload-token") }
      workloadToken = value
    }
  }
}
