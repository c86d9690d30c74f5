import FederationAPI
import FederationProto
import Gateway
import HTTP1
import Logging
import TTRPC
import Transport

/// Chooses the wire that a connection speaks, by what ALPN agreed on.
struct Wires: Sendable {
  let dispatcher: FederationDispatcher
  let gateway: FederationGateway
  let log: Log

  init(handlers: any FederationService, log: Log) {
    dispatcher = FederationDispatcher(service: handlers)
    gateway = FederationGateway(service: handlers, log: log)
    self.log = log
  }

  func handler(alpn: String?) -> any ConnectionHandler {
    alpn == "ttrpc"
      ? TTRPCServerConnection(dispatcher: dispatcher, limits: TTRPCLimits(), log: log)
      : HTTP1ServerConnection(responder: gateway, limits: HTTP1Limits(), log: log)
  }

  /// Past the connection limit: the first request is told so, in its wire's words, and the connection ends.
  func refusal(alpn: String?) -> any ConnectionHandler {
    let inner: any ConnectionHandler =
      alpn == "ttrpc"
      ? TTRPCServerConnection(dispatcher: RefusingDispatcher(), limits: TTRPCLimits(), log: log)
      : HTTP1ServerConnection(responder: RefusingResponder(), limits: HTTP1Limits(), log: log)
    return RefusalHandler(inner)
  }
}
