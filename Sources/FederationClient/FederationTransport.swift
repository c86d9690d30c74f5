/// The wire that a client speaks to its server.
public enum FederationTransport: String, CaseIterable, Sendable {
  /// RPC where the server offers it in the TLS handshake, else HTTP. A plain `http://` server gets HTTP.
  case auto
  /// ttrpc frames over TLS (ALPN `ttrpc`); all secrets in one round trip.
  case rpc
  /// gRPC over TLS (ALPN `h2`); all secrets at once, on one connection.
  case grpc
  /// The documented HTTP/JSON API.
  case http
}
