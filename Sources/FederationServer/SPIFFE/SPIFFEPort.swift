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
  private let source: (any SPIFFESource)?

  /// Listens; `ordinary` is shown where the server has no SVID of its own, neither in files nor from `source`, which may
  /// have none yet. Throws ``TransportError`` or
  /// ``RPCError``.
  init(
    _ listening: SPIFFEListening, ordinary: TLSCertificate, source: (any SPIFFESource)?, handlers: FederationHandlers,
    wires: Wires,
    group: EventLoopGroup, limits: ListenerLimits, log: Log
  ) throws {
    svid = listening.svid.map { SVIDFiles(certificate: $0.certificate, key: $0.key) }
    files = Set([svid?.certificate, svid?.key].compactMap(\.self))
    self.source = source
    let certificate = try Self.own(svid, source) ?? ordinary
    tls = try ServerTLS(certificate, alpn: Wires.alpn, peers: SVIDVerifier(handlers: handlers, log: log))
    address = try group.listen(
      host: listening.host, port: listening.port, tls: tls, limits: limits,
      makeIdentifiedHandler: { wires.handler(alpn: $0, identity: $1) },
      makeRefusal: { alpn, _ in wires.refusal(alpn: alpn) })
  }

  /// Reads the certificate again; on failure the one in use stays. Gives whether another is shown now.
  func reload() throws -> Bool {
    try tls.replace { current in try Self.own(svid, source) ?? current }
  }

  /// The server's own SVID, from files or else from the Workload API; nil when it is to have none.
  private static func own(_ files: SVIDFiles?, _ source: (any SPIFFESource)?) throws -> TLSCertificate? {
    let svid: X509SVID
    if let files {
      svid = try files.read(for: .server).svid
    } else if let source {
      guard let material = source.feed.latest else { return nil }
      svid = material.svid
    } else {
      return nil
    }
    return .chain(svid.certificates, key: try svid.privateKey.pem)
  }
}
