import FederationAPI
import FederationProto
import HTTP1

/// Calls as gRPC has them: the fields of a request, and one message behind five bytes that say how long it is
/// (gRPC over HTTP/2, "Requests").
struct GRPCRequests {
  private static let prefixCount = 5

  private var gets: RequestParts
  private let authenticate: [UInt8]
  private let host: String
  /// The field `authorization` by token.
  private let credentials: [HTTPFields.Field]
  private let freshTokens: TokenList?

  init(store: String, keysPerStore: Int?, host: String, tokens: TokenList, freshTokens: TokenList?) {
    gets = RequestParts(store: store, keysPerStore: keysPerStore) { store, key in
      // Names that the generator makes hold no NUL, the one thing that cannot be encoded.
      let body = Self.body((try? GetSecretRequest(store: store, name: key).protobuf()) ?? [])
      return RequestParts.Head(bytes: body, digitsEnd: body.count)
    }
    authenticate = Self.body(AuthenticateRequest().protobuf())
    self.host = host
    credentials = (0..<tokens.count).map { Self.credential(tokens[$0]) }
    self.freshTokens = freshTokens
  }

  /// The fields of `call`, pseudo-fields first.
  func fields(_ call: Call) -> [HTTPFields.Field] {
    let method: FederationMethod = call.kind == .get ? .getSecret : .authenticate
    var fields = [
      HTTPFields.Field(name: ":method", value: "POST"), HTTPFields.Field(name: ":scheme", value: "https"),
      HTTPFields.Field(name: ":path", value: "/\(FederationMethod.service)/\(method.rawValue)"),
      HTTPFields.Field(name: ":authority", value: host), HTTPFields.Field(name: "te", value: "trailers"),
      HTTPFields.Field(name: "content-type", value: "application/grpc"),
    ]
    switch call.credential {
    case .bound: break
    case .token(let index): fields.append(credentials[index])
    case .fresh(let index): if let freshTokens { fields.append(Self.credential(freshTokens[index])) }
    }
    return fields
  }

  /// The message of `call`, with its prefix.
  mutating func body(_ call: Call) -> [UInt8] {
    guard call.kind == .get else { return authenticate }
    var body: [UInt8] = []
    gets.withHead(gets.prepare(key: call.key)) { body = $0 }
    return body
  }

  private static func body(_ message: [UInt8]) -> [UInt8] {
    var body = [UInt8](repeating: 0, count: prefixCount)
    for place in 0..<4 { body[1 + place] = UInt8(truncatingIfNeeded: message.count >> (24 - 8 * place)) }
    return body + message
  }

  private static func credential(_ token: ArraySlice<UInt8>) -> HTTPFields.Field {
    HTTPFields.Field(name: "authorization", value: "Bearer " + String(decoding: token, as: UTF8.self))
  }
}
