import FederationAPI
import Logging

/// Which server a client asks, how, and with what credentials.
public struct FederationClientConfiguration: Sendable {
  /// Where Kubernetes mounts the pod's service account token.
  public static let defaultTokenFile = "/var/run/secrets/kubernetes.io/serviceaccount/token"
  /// Where Kubernetes mounts the CA of the pod's own API server.
  public static let defaultCAFile = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"

  /// The server.
  public var server: ServerAddress
  /// The wire to speak.
  public var transport: FederationTransport
  /// The bearer token; not asked for where ``spiffe`` is given.
  public var token: TokenSource
  /// The SVID that proves the caller in place of a token, for the server's port for SVIDs.
  public var spiffe: SPIFFEAccess?
  /// The token sent as `x-workload-token`, if any.
  public var workloadToken: TokenSource?
  /// PEM file that verifies the server's certificate and is also sent as `ca.crt`. When there is no such file the
  /// system's roots verify the server and no `ca.crt` is sent. Read anew at every fetch.
  public var caFile: String?
  /// PEM certificates that verify the server in place of those in ``caFile``; sent as `ca.crt` where that file gives none.
  public var serverCertificates: [UInt8]?
  /// Seconds for one fetch in all, retries included.
  public var timeoutSeconds: Double
  /// How often a server that cannot be reached is tried before the fetch fails.
  public var maximumAttempts: Int
  /// Where the client's threads report what no caller can be told.
  public var log: Log

  /// Makes a configuration; the defaults suit a Kubernetes pod.
  public init(
    server: ServerAddress, transport: FederationTransport = .auto,
    token: TokenSource = .file(FederationClientConfiguration.defaultTokenFile), workloadToken: TokenSource? = nil,
    caFile: String? = FederationClientConfiguration.defaultCAFile, timeoutSeconds: Double = 30,
    maximumAttempts: Int = 4, log: Log = Log(level: .error)
  ) {
    self.server = server
    self.transport = transport
    self.token = token
    self.workloadToken = workloadToken
    self.caFile = caFile
    self.timeoutSeconds = timeoutSeconds
    self.maximumAttempts = maximumAttempts
    self.log = log
  }
}
