import CLinux
import Ledger
import Service
import Transport

/// What `federation-server serve` is told by its flags.
public struct ServerConfiguration: Sendable {
  /// Where the resources come from.
  public var origin: ManifestOrigin
  /// Numeric host or name to listen on.
  public var host: String
  /// TCP port, 0 to let the system pick one.
  public var port: UInt16
  /// PEM certificate chain, leaf first.
  public var certificateFile: String
  /// PEM private key of the certificate.
  public var keyFile: String
  /// Directory of the embedded store and ledger; nil when no manifest needs them.
  public var dataDirectory: String?
  /// Where what is issued is recorded; nil for a ledger in ``dataDirectory``, and for none where there is no such
  /// directory either.
  public var ledger: LedgerLocation?
  /// How credentials live and die.
  public var issuance = IssuanceSettings()
  /// How watches are kept.
  public var watching = WatchSettings()
  /// How much one caller may ask.
  public var callLimits = CallLimits()
  /// What all remote stores together keep in memory, in bytes.
  public var cacheBytes = 64 << 20
  /// Oldest TLS version that is accepted.
  public var minimumTLSVersion = TLSVersion.v13
  /// Event loops; one for each core unless given.
  public var loops = ServerConfiguration.availableCores
  /// Where the gateway listens without TLS; nil for nowhere.
  public var plaintextAddress: (host: String, port: UInt16)?
  /// Where scrapes and probes are answered, without TLS; nil for nowhere.
  public var metricsAddress: (host: String, port: UInt16)?
  /// The port for callers with X.509-SVIDs; nil for none.
  public var spiffe: SPIFFEListening?
  /// What each listener allows.
  public var limits = ListenerLimits()
  /// How long a drain waits for running calls, in seconds.
  public var drainSeconds = 10.0
  /// Whether a change in the manifest directory reloads by itself.
  public var watchesManifests = true

  /// Cores that this process may run on.
  public static var availableCores: Int { Int(clinux_available_cores()) }

  /// Makes a configuration with the defaults for all that is not named.
  public init(
    origin: ManifestOrigin, host: String, port: UInt16, certificateFile: String, keyFile: String,
    dataDirectory: String? = nil
  ) {
    self.origin = origin
    self.host = host
    self.port = port
    self.certificateFile = certificateFile
    self.keyFile = keyFile
    self.dataDirectory = dataDirectory
  }

  /// The same for a directory of YAML manifests.
  public init(
    manifestDirectory: String, host: String, port: UInt16, certificateFile: String, keyFile: String,
    dataDirectory: String? = nil
  ) {
    self.init(
      origin: .directory(manifestDirectory), host: host, port: port, certificateFile: certificateFile,
      keyFile: keyFile, dataDirectory: dataDirectory)
  }
}
