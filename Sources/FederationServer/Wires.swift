import FederationAPI
import FederationProto
import GRPC
import Gateway
import HTTP1
import HTTP2
import Logging
import TTRPC
import Transport

/// Chooses the wire that a connection speaks, by what ALPN agreed on.
struct Wires: Sendable {
  let dispatcher: FederationDispatcher
  let gateway: FederationGateway
  /// gRPC's own services, by full name.
  private let grpcServices: [String: any GRPCStreamingService]
  let log: Log

  init(handlers: any FederationService, log: Log) {
    dispatcher = FederationDispatcher(service: handlers)
    gateway = FederationGateway(service: handlers, log: log)
    let reflection = ReflectionService()
    var services: [String: any GRPCStreamingService] = [
      HealthService.name: HealthService(services: Set(reflection.services))
    ]
    for name in ReflectionService.names { services[name] = reflection }
    grpcServices = services
    self.log = log
  }

  /// The names that TLS may agree on, preferred ones first.
  static let alpn = ["ttrpc", HTTP2ServerConnection.alpn, "http/1.1"]

  /// What serves a connection; `identity` is its peer's where the handshake proved one.
  func handler(alpn: String?, identity: ConnectionIdentity? = nil) -> any ConnectionHandler {
    switch alpn {
    case "ttrpc": TTRPCServerConnection(dispatcher: dispatcher, identity: identity, limits: TTRPCLimits(), log: log)
    case HTTP2ServerConnection.alpn:
      HTTP2ServerConnection(
        application: GRPCConnection(
          dispatcher: dispatcher, streaming: grpcServices, responder: gateway.serving(identity), identity: identity),
        log: log)
    default: HTTP1ServerConnection(responder: gateway.serving(identity), limits: HTTP1Limits(), log: log)
    }
  }

  /// Past the connection limit: the first request is told so, in its wire's words, and the connection ends.
  func refusal(alpn: String?) -> any ConnectionHandler {
    switch alpn {
    case "ttrpc":
      RefusalHandler(TTRPCServerConnection(dispatcher: RefusingDispatcher(), limits: TTRPCLimits(), log: log))
    case HTTP2ServerConnection.alpn:
      // Its own, because an HTTP/2 server speaks before it is asked.
      HTTP2ServerConnection(
        application: GRPCConnection(dispatcher: RefusingDispatcher(), responder: RefusingResponder()),
        limits: .refusing, log: log)
    default:
      RefusalHandler(HTTP1ServerConnection(responder: RefusingResponder(), limits: HTTP1Limits(), log: log))
    }
  }
}
