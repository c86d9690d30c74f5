/// How a client proves itself by an X.509-SVID, in place of a token, and knows its server by one.
public struct SPIFFEAccess: Sendable {
  /// The client's own SVID, and the bundles.
  public var source: SVIDSource
  /// The SPIFFE ID that the server has to prove, by the bundle of its trust domain; nil for the ordinary rules: its name, and
  /// the CA certificates of the configuration.
  public var serverID: String?

  /// Makes the value.
  public init(source: SVIDSource, serverID: String? = nil) {
    self.source = source
    self.serverID = serverID
  }
}
