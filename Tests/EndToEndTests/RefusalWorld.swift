import FederationAPI
import FederationServer
import GRPC
import Logging
import TestSupport
import Transport

/// A server that takes one connection, and gRPC clients of it.
struct RefusalWorld {
  private let server: FederationServer
  private let group: EventLoopGroup
  private let authority: TestCertificateAuthority
  private let manifests: TemporaryDirectory

  static func start() async throws -> RefusalWorld {
    let authority = try TestCertificateAuthority()
    let certificate = try authority.issue()
    let manifests = try TemporaryDirectory()
    var configuration = ServerConfiguration(
      manifestDirectory: manifests.path, host: "127.0.0.1", port: 0, certificateFile: certificate.certificateFile,
      keyFile: certificate.keyFile)
    configuration.loops = 1
    configuration.watchesManifests = false
    configuration.limits.maximumConnections = 1
    // So that who has proved nothing keeps its place all the same.
    configuration.limits.strangerSilenceSeconds = .infinity
    return RefusalWorld(
      server: try await FederationServer.start(configuration, log: Log(level: .error)),
      group: try EventLoopGroup(loops: 1, log: Log(level: .error)), authority: authority, manifests: manifests)
  }

  func connect() async throws -> GRPCClient {
    try await GRPCClient.connect(.loopback(server.address.port, GRPCClient.alpn, ca: authority), group: group)
  }

  /// The error of a call without a token.
  func ask(_ client: GRPCClient) async throws -> RPCError {
    do throws(RPCError) {
      _ = try await client.call(service: "federation.v1.FederationService", method: "GetSecret", payload: [])
      throw RPCError(.unknown, "the call succeeded")
    } catch {
      return error
    }
  }

  func stop() async {
    await group.shutDown(graceSeconds: 0)
    await server.stop()
  }
}
