import Crypto
import FederationAPI
import Logging
import Service
import Transport

/// The TLS port for callers that prove themselves by X.509-SVIDs: who has no business here does not get past the
/// handshake.
struct SPIFFEPort: Sendable {
  /// Where it is.
  let address: ListenAddress
  /// The files that it is to be reloaded for.
  let files: Set<String>
  private let tls: ServerTLS
  private let svid: SVIDFiles?

  /// Listens; `ordinary` is shown where the server has no SVID of its own. Throws ``TransportError`` or
  /// ``RPCError``.
  init(
    _ listening: SPIFFEListening, ordinary: TLSCertificate, handlers: FederationHandlers, wires: Wires,
    group: EventLoopGroup, limits: ListenerLimits, log: Log
  ) throws {
    svid = listening.svid.map { SVIDFiles(certificate: $0.certificate, key: $0.key) }
    files = Set([svid?.certificate, svid?.key].compactMap(\.self))
    let certificate = try svid.map(Self.read) ?? ordinary
    tls = try ServerTLS(certificate, alpn: Wires.alpn, peers: SVIDVerifier(handlers: handlers, log: log))
    address = try group.listen(
      host: listening.host, port: listening.port, tls: tls, limits: limits,
      makeIdentifiedHandler: { wires.handler(alpn: $0, identity: $1) },
      makeRefusal: { alpn, _ in wires.refusal(alpn: alpn) })
  }

  /// Reads the certificate again; on failure the one in use stays.
  func reload() throws {
    if let svid { try tls.replace(try Self.read(svid)) } else { try tls.reload() }
  }

  private static func read(_ files: SVIDFiles) throws -> TLSCertificate {
    let svid = try files.read(for: .server).svid
    return .chain(svid.certificates, key: try svid.privateKey.pem)
  }
}
