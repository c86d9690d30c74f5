import COpenSSL

/// What a client trusts and offers.
public struct ClientTLS: Sendable {
  let context: TLSContext
  /// Who judges servers' certificates; nil for the rules of CA roots.
  let peers: (any PeerVerifier)?

  /// Trusts `caCertificates` (PEM, any number of blocks) in place of the system's roots, or these when nil.
  ///
  /// Shows `certificate` to servers that ask for one. With `peers` it is for that to say whether a server is the right
  /// one, whatever its name is and whoever issued its certificate. Throws ``TransportError`` when the PEM holds no
  /// certificate.
  public init(
    caCertificates: [UInt8]? = nil, certificate: TLSCertificate = .none, alpn: [String] = [],
    minimumVersion: TLSVersion = .v12, peers: (any PeerVerifier)? = nil
  ) throws(TransportError) {
    self.peers = peers
    context = try TLSContext(method: TLS_client_method(), minimumVersion: minimumVersion, alpn: alpn)
    context.offerALPN()
    try certificate.use(in: context)
    SSL_CTX_set_verify(context.pointer, SSL_VERIFY_PEER, nil)
    guard peers == nil else {
      PeerExamination.judge(in: context.pointer)
      return
    }
    guard let caCertificates else {
      guard SSL_CTX_set_default_verify_paths(context.pointer) == 1 else { throw .tls("reading the system's CA roots") }
      return
    }
    try ClientTLS.trust(caCertificates, in: context)
  }

  private static func trust(_ pem: [UInt8], in context: TLSContext) throws(TransportError) {
    let store = SSL_CTX_get_cert_store(context.pointer)
    let trusted = pem.withUnsafeBytes { bytes in
      // The BIO reads from the array's own memory, so it must not outlive this closure.
      guard let source = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return 0 }
      defer { BIO_free(source) }
      var count = 0
      while let certificate = PEM_read_bio_X509(source, nil, nil, nil) {
        X509_STORE_add_cert(store, certificate)
        X509_free(certificate)
        count += 1
      }
      return count
    }
    ERR_clear_error()
    guard trusted > 0 else { throw TransportError("the CA file holds no PEM certificate") }
  }
}

/// Where a client connects to.
public struct DialTarget: Sendable {
  /// Host name or numeric address, or the path of a Unix socket.
  public var host: String
  /// TCP port.
  public var port: UInt16
  /// The name that the server's certificate must bear; also sent as SNI unless it is an address.
  public var serverName: String
  /// nil for plaintext.
  public var tls: ClientTLS?
  /// For name lookup, connect and handshake together.
  public var timeoutSeconds: Double
  /// Whether ``host`` is a Unix socket's path.
  let isUnixSocket: Bool

  /// What stands for the server in `:authority` and the like.
  public var authority: String { isUnixSocket ? serverName : "\(serverName):\(port)" }

  /// Makes a target; `serverName` is `host` unless given.
  public init(host: String, port: UInt16, serverName: String? = nil, tls: ClientTLS?, timeoutSeconds: Double = 10) {
    self.host = host
    self.port = port
    self.serverName = serverName ?? host
    self.tls = tls
    self.timeoutSeconds = timeoutSeconds
    isUnixSocket = false
  }

  /// A Unix socket at `path`, spoken to in plaintext: who may open it is for the file system to say.
  public init(unixSocket path: String, timeoutSeconds: Double = 10) {
    host = path
    port = 0
    serverName = "localhost"
    tls = nil
    self.timeoutSeconds = timeoutSeconds
    isUnixSocket = true
  }
}
