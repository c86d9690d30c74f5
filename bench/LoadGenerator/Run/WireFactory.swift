import FederationAPI
import FederationProto

/// Makes each connection's wire over what all of a run share.
final class WireFactory {
  private enum Shared {
    case ttrpc(TTRPCWire.Shared)
    case grpc(GRPCWire.Shared)
    case http(HTTPWire.Shared)
  }

  private let shared: Shared
  private let alpn: String

  init(_ options: RunOptions, tokens: TokenList, freshTokens: TokenList?) throws {
    alpn = Self.alpn(options.wire)
    let host = "\(options.host):\(options.port)"
    let asksIdentity = options.identity == .bound || options.authenticatePercent > 0
    let message = ReplyMessage(
      rule: options.values,
      identities: asksIdentity ? try (0..<tokens.count).map { try Self.identity(tokens.claims($0)) } : [])
    switch options.wire {
    case .ttrpc:
      shared = .ttrpc(
        TTRPCWire.Shared(
          requests: TTRPCRequests(
            store: options.store, keysPerStore: options.keysPerStore, tokens: tokens, freshTokens: freshTokens),
          reply: TTRPCReply(message: message)))
    case .grpc:
      shared = .grpc(
        GRPCWire.Shared(
          requests: GRPCRequests(
            store: options.store, keysPerStore: options.keysPerStore, host: host, tokens: tokens,
            freshTokens: freshTokens),
          message: message))
    case .http:
      shared = .http(
        HTTPWire.Shared(
          requests: HTTPRequests(
            store: options.store, keysPerStore: options.keysPerStore, host: host, tokens: tokens,
            freshTokens: freshTokens),
          rule: options.values))
    }
  }

  /// The wire's name in ALPN.
  static func alpn(_ wire: RunOptions.Wire) -> String {
    switch wire {
    case .ttrpc: "ttrpc"
    case .grpc: "h2"
    case .http: "http/1.1"
    }
  }

  func make(capacity: Int) -> any CallWire {
    switch shared {
    case .ttrpc(let shared): TTRPCWire(shared: shared, capacity: capacity)
    case .grpc(let shared): GRPCWire(shared: shared)
    case .http(let shared): HTTPWire(shared: shared, capacity: capacity)
    }
  }

  func accepts(_ agreed: String?) -> Bool { agreed == alpn || (agreed == nil && alpn == "http/1.1") }

  func refusal(_ agreed: String?) -> String {
    "the server does not speak \(alpn) on this port; it agreed on \(agreed ?? "no protocol")"
  }

  /// What the server must say of a token's caller.
  static func identity(_ claims: TokenClaims) throws -> [UInt8] {
    try AuthenticateResponse(
      VerifiedIdentity(
        method: .oidc, provider: claims.issuer, subject: claims.subject, kubernetes: nil, federations: [],
        expiresAtSeconds: claims.expiresAt, trustGeneration: 0)
    ).protobuf()
  }
}
