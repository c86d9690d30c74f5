import FederationAPI
import GRPC
import HTTPClient
import Logging
import TTRPC
import Transport

/// Finds the wire for a client's server.
protocol WireConnecting: Sendable {
  /// A wire that is ready for calls. Throws UNAVAILABLE when the server cannot be reached; nothing was sent then.
  func wire(for credentials: CallCredentials, deadline: MonotonicTime) async throws(RPCError) -> any FederationWire

  /// Has the next fetch use a new connection; calls that run on the old one go on.
  func forgetConnection() async

  /// Closes what is open.
  func close() async
}

/// Opens the configured wire when it is first needed and keeps it.
actor WireConnector: WireConnecting {
  private typealias Dialing = Task<Result<RPCWire, RPCError>, Never>

  /// The longest wait for name lookup, connect and handshake, so that a retry has time left.
  private static let connectTimeoutSeconds = 10.0

  private let configuration: FederationClientConfiguration
  private var group: EventLoopGroup?
  private var http: (wire: HTTPWire, trust: WireTrust)?
  private var rpc: RPCWire?
  /// The connection that is being made: fetches that start meanwhile wait for it instead of making their own.
  private var dialing: Dialing?
  /// Whether the server was found to speak HTTP only; kept for the client's life.
  private var lacksRPC = false

  /// Refuses transports that cannot work before anything is sent.
  init(_ configuration: FederationClientConfiguration) throws(RPCError) {
    switch configuration.transport {
    case .rpc where !configuration.server.usesTLS, .grpc where !configuration.server.usesTLS:
      throw RPCError(
        .invalidArgument,
        "the \(configuration.transport.rawValue) transport needs an https:// server; \(configuration.server) is plain HTTP"
      )
    case .auto, .rpc, .grpc, .http: break
    }
    if configuration.spiffe != nil, !configuration.server.usesTLS {
      throw RPCError(
        .invalidArgument,
        "an SVID is shown in TLS, so it needs an https:// server; \(configuration.server) is plain HTTP")
    }
    self.configuration = configuration
  }

  deinit {
    guard let group else { return }
    Task { await group.shutDown(graceSeconds: 0) }
  }

  func wire(for credentials: CallCredentials, deadline: MonotonicTime) async throws(RPCError) -> any FederationWire {
    let trust = WireTrust(credentials)
    let mayUseRPC = configuration.transport != .http && configuration.server.usesTLS && !lacksRPC
    guard mayUseRPC else { return try httpWire(trust) }
    do throws(RPCError) {
      return try await rpcWire(trust, deadline: deadline)
    } catch {
      // UNIMPLEMENTED: the server is there, and TLS did not agree on ttrpc.
      guard error.code == .unimplemented, configuration.transport == .auto else { throw error }
      lacksRPC = true
      return try httpWire(trust)
    }
  }

  func forgetConnection() { rpc = nil }

  func close() async {
    await http?.wire.close()
    await rpc?.close()
    await group?.shutDown(graceSeconds: 0)
    (http, rpc, group) = (nil, nil, nil)
  }

  private func httpWire(_ trust: WireTrust) throws(RPCError) -> HTTPWire {
    // Each request brings its own CA certificates and SVID; only who judges the server is the client's.
    if let http, http.trust == trust || trust.verifier == nil { return http.wire }
    do throws(HTTPClientError) {
      let client = try HTTPClient(log: configuration.log, peers: trust.verifier)
      let wire = HTTPWire(server: configuration.server, client: client) { client.close() }
      http = (wire, trust)
      return wire
    } catch {
      throw RPCError(.internal, error.message)
    }
  }

  private func rpcWire(_ trust: WireTrust, deadline: MonotonicTime) async throws(RPCError) -> RPCWire {
    // A CA or an SVID that was replaced since is not what this connection was verified with.
    if let rpc, rpc.trust == trust { return rpc }
    let running: Dialing
    if let dialing {
      running = dialing
    } else {
      running = try dial(trust, deadline: deadline)
      dialing = running
    }
    let result = await running.value
    if dialing == running { dialing = nil }
    let wire = try result.get()
    rpc = wire
    return wire
  }

  private func dial(_ trust: WireTrust, deadline: MonotonicTime) throws(RPCError) -> Dialing {
    let isGRPC = configuration.transport == .grpc
    let alpn =
      switch configuration.transport {
      case .auto: [TTRPCClient.alpn, "http/1.1"]
      case .grpc: [GRPCClient.alpn]
      case .rpc, .http: [TTRPCClient.alpn]
      }
    let left = Double(MonotonicTime.now.nanoseconds(until: deadline)) / 1e9
    let group: EventLoopGroup
    let target: DialTarget
    do throws(TransportError) {
      group = try eventLoops()
      target = DialTarget(
        host: configuration.server.host, port: configuration.server.port,
        tls: try trust.tls(alpn: alpn),
        timeoutSeconds: min(left, Self.connectTimeoutSeconds))
    } catch {
      throw RPCError(.failedPrecondition, error.description)
    }
    return Task {
      do throws(RPCError) {
        let client: any RPCCalling =
          if isGRPC {
            try await GRPCClient.connect(target, group: group)
          } else {
            try await TTRPCClient.connect(target, group: group)
          }
        return .success(RPCWire(client: FederationRPCClient(client: client), trust: trust))
      } catch {
        return .failure(error)
      }
    }
  }

  private func eventLoops() throws(TransportError) -> EventLoopGroup {
    if let group { return group }
    let made = try EventLoopGroup(loops: 1, log: configuration.log)
    group = made
    return made
  }
}
