import COpenSSL
import Synchronization

/// A server's certificate, key and protocols, which can be replaced while connections live on.
public final class ServerTLS: Sendable {
  /// Who judges the certificates of clients; nil where none are asked for.
  let peers: (any PeerVerifier)?
  private let minimumVersion: TLSVersion
  private let alpn: [String]
  private let state: Mutex<State>
  /// Held by who changes the certificate, from before it is read. Connections to come do not wait for that.
  private let changing = Mutex(())

  private struct State {
    var certificate: TLSCertificate
    var context: TLSContext
  }

  /// Reads the certificate chain (PEM, leaf first) and its private key.
  ///
  /// `alpn` is in the server's order of preference; a client that offers no ALPN gets nil in
  /// ``Connection/alpn``. Throws ``TransportError`` naming the file at fault.
  public convenience init(
    certificateFile: String, keyFile: String, minimumVersion: TLSVersion = .v13, alpn: [String]
  ) throws(TransportError) {
    try self.init(
      .files(certificate: certificateFile, key: keyFile), minimumVersion: minimumVersion, alpn: alpn, peers: nil)
  }

  /// The same, for clients that have to show certificates, which `peers` judges, when it is given.
  public init(
    _ certificate: TLSCertificate, minimumVersion: TLSVersion = .v13, alpn: [String], peers: (any PeerVerifier)?
  ) throws(TransportError) {
    self.minimumVersion = minimumVersion
    self.alpn = alpn
    self.peers = peers
    let context = try ServerTLS.makeContext(certificate, minimumVersion, alpn, peers)
    state = Mutex(State(certificate: certificate, context: context))
  }

  /// Reads the files again for connections to come; on failure the old ones stay in use.
  ///
  /// Session tickets of before stay valid, so clients resume across the change.
  public func reload() throws(TransportError) {
    try changing.withLock { _ throws(TransportError) in _ = try show(state.withLock { $0.certificate }) }
  }

  /// Shows what `read` gives, which is handed the certificate in use, to connections to come; on failure the old one stays
  /// in use. Gives whether its leaf is another.
  ///
  /// One change after the other: of two at once, that counts which has read later.
  public func replace(by read: (TLSCertificate) throws -> TLSCertificate) throws -> Bool {
    try changing.withLock { _ in try show(try read(state.withLock { $0.certificate })) }
  }

  private func show(_ certificate: TLSCertificate) throws(TransportError) -> Bool {
    let fresh = try ServerTLS.makeContext(certificate, minimumVersion, alpn, peers)
    return state.withLock { state in
      var keys = [UInt8](repeating: 0, count: 80)
      if copenssl_get_ticket_keys(state.context.pointer, &keys, keys.count) == 1 {
        _ = copenssl_set_ticket_keys(fresh.pointer, &keys, keys.count)
      }
      keys.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
      let isAnother = !state.context.showsSameLeaf(as: fresh)
      state = State(certificate: certificate, context: fresh)
      return isAnother
    }
  }

  var context: TLSContext { state.withLock { $0.context } }

  private static func makeContext(
    _ certificate: TLSCertificate, _ minimumVersion: TLSVersion, _ alpn: [String], _ peers: (any PeerVerifier)?
  ) throws(TransportError) -> TLSContext {
    let context = try TLSContext(method: TLS_server_method(), minimumVersion: minimumVersion, alpn: alpn)
    try certificate.use(in: context)
    context.serveALPN()
    // Without a session id context OpenSSL refuses to resume; two tickets are its default, one is enough for
    // clients that keep their connection.
    let name = Array("ese-federation".utf8)
    SSL_CTX_set_session_id_context(context.pointer, name, UInt32(name.count))
    SSL_CTX_set_num_tickets(context.pointer, 1)
    if peers != nil { PeerExamination.require(in: context.pointer) }
    return context
  }
}
