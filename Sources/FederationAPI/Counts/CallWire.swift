/// The protocols that calls come by, as far as they are counted apart.
public enum CallWire: Int, Sendable, CaseIterable {
  /// ttrpc.
  case ttrpc
  /// gRPC, over HTTP/2.
  case grpc
  /// The HTTP/JSON API over HTTP/1.
  case http1
  /// The HTTP/JSON API over HTTP/2.
  case http2

  /// The name that metrics give it.
  public var name: String {
    switch self {
    case .ttrpc: "ttrpc"
    case .grpc: "grpc"
    case .http1: "http1"
    case .http2: "http2"
    }
  }
}
