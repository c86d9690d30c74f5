import FederationAPI
import HTTP1
import Logging
import Transport

/// The port for Prometheus and the kubelet: `/metrics`, `/healthz` and `/readyz` over plain HTTP.
///
/// It has an event loop of its own, so that a scrape takes no turn from calls, and that it answers before the server can
/// serve and while it drains.
final class MetricsPort: Sendable {
  let address: ListenAddress
  private let group: EventLoopGroup
  private let state = ServingState()

  init(host: String, port: UInt16, log: Log) throws(TransportError) {
    group = try EventLoopGroup(loops: 1, name: "metrics", log: log)
    let responder = MetricsResponder(state: state)
    address = try group.listen(
      host: host, port: port, tls: nil, limits: .metrics,
      makeHandler: { _ in HTTP1ServerConnection(responder: responder, limits: .metrics, log: log) })
    log.write(.info, "metrics_listening", ["listen": address.description])
  }

  /// The server is ready, and tells of itself by `source`.
  func serve(_ source: any MetricsSource) { state.change(to: .serving(source)) }

  /// The server takes no further work.
  func drain() { state.drain() }

  /// Ends the port.
  func stop() async { await group.shutDown(graceSeconds: 1) }
}

/// What a server tells of itself.
protocol MetricsSource: Sendable {
  /// Writes every family.
  func write(to text: inout MetricsText) async

  /// The loops that have not turned for a while, by number.
  func stuckLoops() async -> [Int]
}

extension ListenerLimits {
  fileprivate static var metrics: ListenerLimits {
    var limits = ListenerLimits()
    limits.maximumConnections = 64
    return limits
  }
}

extension HTTP1Limits {
  fileprivate static var metrics: HTTP1Limits {
    var limits = HTTP1Limits()
    limits.requestLineBytes = 1_024
    limits.headerBytes = 8_192
    limits.bodyBytes = 1_024
    limits.bodySeconds = 5
    limits.answerSeconds = 10
    return limits
  }
}
