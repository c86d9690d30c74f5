import FederationAPI
import HTTPClient
import Logging

/// Finds the wire for a client's server.
protocol WireConnecting: Sendable {
  /// A wire that is ready for calls. Throws UNAVAILABLE when the server cannot be reached; nothing was sent then.
  func wire(caCertificates: [UInt8]?, deadline: MonotonicTime) async throws(RPCError) -> any FederationWire

  /// Closes what is open.
  func close() async
}

/// Opens the configured wire when it is first needed and keeps it.
actor WireConnector: WireConnecting {
  private let configuration: FederationClientConfiguration
  private var http: HTTPWire?

  /// Refuses transports that cannot work before anything is sent.
  init(_ configuration: FederationClientConfiguration) throws(RPCError) {
    switch configuration.transport {
    case .grpc:
      throw RPCError(.unimplemented, "the grpc transport is not built into this version; use rpc or http")
    case .rpc where !configuration.server.usesTLS:
      throw RPCError(.invalidArgument, "the rpc transport needs an https:// server; \(configuration.server) is plain HTTP")
    case .auto, .rpc, .http: break
    }
    self.configuration = configuration
  }

  func wire(caCertificates: [UInt8]?, deadline: MonotonicTime) async throws(RPCError) -> any FederationWire {
    try httpWire()
  }

  func close() async {
    await http?.close()
    http = nil
  }

  private func httpWire() throws(RPCError) -> HTTPWire {
    if let http { return http }
    do throws(HTTPClientError) {
      let client = try HTTPClient(log: configuration.log)
      let wire = HTTPWire(server: configuration.server, client: client) { client.close() }
      http = wire
      return wire
    } catch {
      throw RPCError(.internal, error.message)
    }
  }
}
