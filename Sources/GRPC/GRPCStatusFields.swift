import FederationAPI
import FederationProto
import FoundationEssentials
import HTTP1
import HTTP2

/// How a call's end is told (gRPC over HTTP/2, "Responses").
enum GRPCStatusFields {
  /// Of a call that went well.
  static let ok = [HTTPFields.Field(name: "grpc-status", value: "0")]

  /// Of one that did not.
  static func failure(_ error: RPCError) -> [HTTPFields.Field] {
    var fields = [
      HTTPFields.Field(name: "grpc-status", value: String(error.code.rawValue)),
      HTTPFields.Field(name: "grpc-message", value: percentEncoded(error.message)),
    ]
    if error.retryAfterSeconds != nil {
      let status = Data(ErrorStatus.encoded(error)).base64EncodedString()
      fields.append(HTTPFields.Field(name: details, value: status))
    }
    return fields
  }

  /// Where a whole `google.rpc.Status` stands.
  private static let details = "grpc-status-details-bin"

  /// What a client's whole answer says of the call, nil for OK.
  static func error(_ answer: HTTP2Answer) -> RPCError? {
    let end = fields(answer)
    guard let text = end["grpc-status"], let number = UInt32(text) else {
      return RPCError(
        StatusCode(httpStatus: answer.status), "the server answered HTTP \(answer.status) without a status")
    }
    let code = StatusCode(rawValue: number) ?? .unknown
    guard code != .ok else { return nil }
    return RPCError(
      code, percentDecoded(end["grpc-message"] ?? ""), retryAfterSeconds: retryAfterSeconds(end[details]))
  }

  /// Of base64 with padding or without.
  private static func retryAfterSeconds(_ details: String?) -> Double? {
    guard let details, details.utf8.count <= 8_192 else { return nil }
    let padding = String(repeating: "=", count: (4 - details.utf8.count % 4) % 4)
    return Base64.decode((details + padding).utf8).flatMap { ErrorStatus.retryAfterSeconds(inStatus: $0.span.bytes) }
  }

  /// Whether the answer says anything of the call.
  static func hasStatus(_ answer: HTTP2Answer) -> Bool { fields(answer)["grpc-status"].flatMap { UInt32($0) } != nil }

  /// Without messages before it, the status stands in the head.
  private static func fields(_ answer: HTTP2Answer) -> HTTPFields {
    answer.trailers["grpc-status"] == nil ? answer.fields : answer.trailers
  }

  /// Everything but space to tilde, and the percent sign itself, as escapes of UTF-8 bytes.
  static func percentEncoded(_ text: String) -> String {
    let bytes = PercentEncoding.encode(text.utf8) { $0 >= 0x20 && $0 <= 0x7E && $0 != UInt8(ascii: "%") }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Undoes ``percentEncoded(_:)``; what is no escape stays as it is.
  static func percentDecoded(_ text: String) -> String {
    let source = Array(text.utf8)
    var bytes: [UInt8] = []
    var index = 0
    while index < source.count {
      if source[index] == UInt8(ascii: "%"), index + 2 < source.count,
        let high = hexadecimalValue(source[index + 1]),
        let low = hexadecimalValue(source[index + 2])
      {
        bytes.append(high << 4 | low)
        index += 3
      } else {
        bytes.append(source[index])
        index += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
