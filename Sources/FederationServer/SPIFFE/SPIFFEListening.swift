import WorkloadAPI

/// What `serve` is told of the port for callers that prove themselves by X.509-SVIDs.
public struct SPIFFEListening: Sendable {
  /// Numeric host or name to listen on.
  public var host: String
  /// TCP port, 0 to let the system pick one.
  public var port: UInt16
  /// PEM files of the server's own SVID and its key; nil for that of
  /// the Workload API, and where there is none for what the server shows on its other port.
  public var svid: (certificate: String, key: String)?

  /// Where the Workload API is that has the server's SVID and the bundles of SpiffeFederations that name none; nil for
  /// none.
  public var workloadAPI: WorkloadAPIAddress?

  /// How long a start waits for the Workload API's first answer.
  public var workloadAPISeconds = 5.0

  /// Makes the value.
  public init(
    host: String, port: UInt16, svid: (certificate: String, key: String)? = nil,
    workloadAPI: WorkloadAPIAddress? = nil
  ) {
    self.host = host
    self.port = port
    self.svid = svid
    self.workloadAPI = workloadAPI
  }
}
