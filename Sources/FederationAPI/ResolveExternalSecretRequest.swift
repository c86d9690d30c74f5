/// Asks for what an ExternalSecret's Secret would hold. Mirrors `POST /secretstore/{store}/externalsecret`.
public struct ResolveExternalSecretRequest: Hashable, Sendable {
  /// Name of the ClusterSecretStore for items that name none.
  public var store: String
  /// `spec.data` as JSON, empty for none.
  public var data: [UInt8]
  /// `spec.dataFrom` as JSON, empty for none.
  public var dataFrom: [UInt8]
  /// The caller's PEM bundle, empty when it sent none.
  public var caCertificates: [UInt8]

  /// Makes a request.
  public init(store: String, data: [UInt8] = [], dataFrom: [UInt8] = [], caCertificates: [UInt8] = []) {
    self.store = store
    self.data = data
    self.dataFrom = dataFrom
    self.caCertificates = caCertificates
  }
}
