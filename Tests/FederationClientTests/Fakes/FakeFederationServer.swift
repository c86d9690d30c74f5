import FederationAPI
import FederationProto
import Gateway
import HTTP1
import Logging
import TTRPC
import TestSupport
import Transport

/// Both wires over real sockets in front of a dictionary: for tests of clients, where identity and policy are not
/// the subject.
final class FakeFederationServer: Sendable {
  /// Where it listens: `https://127.0.0.1:PORT`, or `http://` without a certificate.
  let url: String
  /// What it answers and what it was asked.
  let service: FakeFederationService
  private let group: EventLoopGroup

  private init(url: String, service: FakeFederationService, group: EventLoopGroup) {
    self.url = url
    self.service = service
    self.group = group
  }

  /// Starts serving on a loopback port, a free one unless given. Without `certificate` it serves plain HTTP; without
  /// `ttrpc` among the ALPN names, HTTP only.
  static func start(
    certificate: TestCertificateAuthority.ServerCertificate?, alpn: [String] = ["ttrpc", "http/1.1"],
    service: FakeFederationService, port: UInt16 = 0
  ) throws -> FakeFederationServer {
    let log = Log(level: .error)
    let tls = try certificate.map {
      try ServerTLS(certificateFile: $0.certificateFile, keyFile: $0.keyFile, minimumVersion: .v12, alpn: alpn)
    }
    let group = try EventLoopGroup(loops: 1, log: log)
    let address = try group.listen(host: "127.0.0.1", port: port, tls: tls) { name in
      service.noteConnection(alpn: name)
      if name == "ttrpc" {
        return TTRPCServerConnection(dispatcher: FederationDispatcher(service: service), log: log)
      }
      return HTTP1ServerConnection(responder: FederationGateway(service: service, log: log), log: log)
    }
    let url = "\(certificate == nil ? "http" : "https")://127.0.0.1:\(address.port)"
    return FakeFederationServer(url: url, service: service, group: group)
  }

  /// Closes its connections and stops listening.
  func stop() async { await group.shutDown(graceSeconds: 0) }
}
