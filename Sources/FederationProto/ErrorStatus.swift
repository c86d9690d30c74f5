import FederationAPI

/// An error as a `google.rpc.Status`, whose details are a `google.rpc.RetryInfo` where the caller is asked to wait.
///
/// `Status {int32 code=1; string message=2; repeated google.protobuf.Any details=3}`, `Any {string type_url=1; bytes
/// value=2}`, `RetryInfo {Duration retry_delay=1}`, `Duration {int64 seconds=1; int32 nanos=2}`.
package enum ErrorStatus {
  private static let retryInfo = "type.googleapis.com/google.rpc.RetryInfo"
  /// No server may send a client away for longer.
  private static let longestRetrySeconds = 86_400.0

  /// The encoded Status.
  package static func encoded(_ error: RPCError) -> [UInt8] {
    let detail = error.retryAfterSeconds.map { encodedDetail(seconds: $0) } ?? []
    var writer = ProtobufWriter(count: 16 + ProtobufWriter.fieldSize(error.message) + detail.count)
    writer.append(1, varint: UInt64(error.code.rawValue))
    writer.append(2, error.message)
    if !detail.isEmpty { writer.append(3, detail.span.bytes) }
    return writer.bytes
  }

  /// What an encoded Status asks to wait; nil where it does not, or cannot be read.
  package static func retryAfterSeconds(inStatus status: RawSpan) -> Double? {
    var reader = ProtobufReader(0..<status.byteCount)
    while let field = try? reader.next(in: status) {
      guard field.number == 3, case .bytes(let range) = field.value else { continue }
      if let seconds = retryAfterSeconds(inDetail: status.extracting(range)) { return seconds }
    }
    return nil
  }

  /// The same of one of its details.
  package static func retryAfterSeconds(inDetail detail: RawSpan) -> Double? {
    var reader = ProtobufReader(0..<detail.byteCount)
    var isRetryInfo = false
    var value = 0..<0
    while let field = try? reader.next(in: detail) {
      guard case .bytes(let range) = field.value else { continue }
      if field.number == 1 { isRetryInfo = detail.extracting(range).isEqual(to: Array(retryInfo.utf8)) }
      if field.number == 2 { value = range }
    }
    guard isRetryInfo else { return nil }
    let info = detail.extracting(value)
    reader = ProtobufReader(0..<info.byteCount)
    while let field = try? reader.next(in: info) {
      if field.number == 1, case .bytes(let range) = field.value { return seconds(inDuration: info.extracting(range)) }
    }
    return nil
  }

  private static func seconds(inDuration duration: RawSpan) -> Double? {
    var reader = ProtobufReader(0..<duration.byteCount)
    var seconds = 0.0
    while let field = try? reader.next(in: duration) {
      guard case .varint(let value) = field.value else { continue }
      if field.number == 1 { seconds += Double(Int64(bitPattern: value)) }
      if field.number == 2 { seconds += Double(Int64(bitPattern: value)) / 1e9 }
    }
    return min(max(0, seconds), longestRetrySeconds)
  }

  private static func encodedDetail(seconds: Double) -> [UInt8] {
    let nanoseconds = UInt64(min(max(0, seconds), longestRetrySeconds) * 1e9)
    var duration = ProtobufWriter(count: 24)
    duration.append(1, varint: nanoseconds / 1_000_000_000)
    duration.append(2, varint: nanoseconds % 1_000_000_000)
    var info = ProtobufWriter(count: 32)
    info.append(1, duration.bytes.span.bytes)
    var detail = ProtobufWriter(count: 64 + retryInfo.utf8.count)
    detail.append(1, retryInfo)
    detail.append(2, info.bytes.span.bytes)
    return detail.bytes
  }
}
