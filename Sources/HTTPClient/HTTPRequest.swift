/// One HTTP request. Redirects are never followed; TLS 1.2 is the least that is spoken.
public struct HTTPRequest: Sendable {
  /// The method in capitals, for example `GET`.
  public var method: String
  /// An absolute URL without user information; its query never appears in an error.
  public var url: String
  /// Header fields in the order they are sent. No value may hold CR, LF or NUL.
  public var headers: [(name: String, value: String)]
  /// The body; nil sends none.
  public var body: [UInt8]?
  /// PEM certificates that replace the system's roots for this request; nil keeps the system's.
  public var caCertificates: [UInt8]?
  /// Who this client is, for a server that asks in the TLS handshake; nil tells it nothing.
  public var clientCertificate: ClientCertificate?
  /// How long the whole exchange may take, in seconds.
  public var timeoutSeconds: Double
  /// How long name lookup, TCP and TLS together may take, in seconds; ``timeoutSeconds`` also bounds it.
  public var connectTimeoutSeconds: Double
  /// The most bytes of response body that are taken; one more fails with ``HTTPClientError/Kind/tooLarge``.
  public var maximumBodyBytes: Int
  /// Allows `http` URLs. For tests on loopback and for operators who said so.
  public var allowsPlaintext: Bool
  /// Sends the request once at most, and has a failure tell whether it was sent. Otherwise a request whose reused
  /// connection breaks before the first byte of an answer is sent again on a new one: for what may be done twice.
  public var isSentOnce: Bool
  /// Makes a new connection, shakes hands over TLS and sends nothing: the response has the status 0 and no body. A proxy
  /// is asked to connect.
  public var onlyConnects = false

  /// Makes a request.
  public init(
    method: String = "GET", url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
    caCertificates: [UInt8]? = nil, clientCertificate: ClientCertificate? = nil, timeoutSeconds: Double = 10,
    connectTimeoutSeconds: Double = 5,
    maximumBodyBytes: Int = 1 << 20, allowsPlaintext: Bool = false,
    isSentOnce: Bool = false
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.caCertificates = caCertificates
    self.clientCertificate = clientCertificate
    self.timeoutSeconds = timeoutSeconds
    self.connectTimeoutSeconds = connectTimeoutSeconds
    self.maximumBodyBytes = maximumBodyBytes
    self.allowsPlaintext = allowsPlaintext
    self.isSentOnce = isSentOnce
  }
}
