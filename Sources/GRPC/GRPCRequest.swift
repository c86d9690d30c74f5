import FederationAPI
import HTTP1
import HTTP2

/// What a call's head asks for.
struct GRPCRequest {
  /// The full proto name.
  let service: String
  /// The bare name.
  let method: String
  let authorization: String?
  let workloadToken: String?
  let isGzip: Bool
  /// From now on; nil for none.
  let timeoutNanoseconds: UInt64?

  /// Throws what the call is to be answered with.
  init(_ head: HTTP2RequestHead) throws(RPCError) {
    (service, method) = try GRPCRequest.names(head.path)
    authorization = try GRPCRequest.only("authorization", head.fields)
    workloadToken = try GRPCRequest.only("x-workload-token", head.fields)
    let encoding = (head.fields["grpc-encoding"] ?? "identity").utf8
    isGzip = encoding.elementsEqual("gzip".utf8)
    guard isGzip || encoding.elementsEqual("identity".utf8) else { throw .unknownEncoding }
    guard let text = head.fields["grpc-timeout"] else {
      timeoutNanoseconds = nil
      return
    }
    guard let timeout = GRPCTimeout(text) else {
      throw RPCError(.internal, "grpc-timeout is not a number of at most eight digits and a unit")
    }
    timeoutNanoseconds = timeout.nanoseconds
  }

  /// `/pkg.Service/Method`, taken apart by bytes.
  private static func names(_ path: String) throws(RPCError) -> (service: String, method: String) {
    let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].isEmpty, !parts[1].isEmpty, !parts[2].isEmpty else {
      throw RPCError(.unimplemented, "the path is not /package.Service/Method")
    }
    return (String(Substring(parts[1])), String(Substring(parts[2])))
  }

  /// Who calls must be plain: of two tokens, two programs may each take another.
  private static func only(_ name: String, _ fields: HTTPFields) throws(RPCError) -> String? {
    let values = fields.values(of: name)
    guard values.count <= 1 else {
      throw RPCError(.invalidArgument, "bad request: more than one \(name)")
    }
    return values.first
  }
}

extension RPCError {
  /// The answer names what would be understood, in `grpc-accept-encoding`.
  static let unknownEncoding = RPCError(.unimplemented, "grpc-encoding is not known; use identity or gzip")

  static let tooMuchUnfinished = RPCError(
    .resourceExhausted, "too many unfinished requests; finish them, or retry later")
}
