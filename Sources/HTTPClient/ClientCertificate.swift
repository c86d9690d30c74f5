/// What a client shows in the TLS handshake, in memory.
public struct ClientCertificate: Sendable, Equatable {
  /// PEM certificates, the client's own first.
  public var certificates: [UInt8]
  /// The PEM private key of the first certificate, not encrypted.
  public var privateKey: [UInt8]

  /// Makes a client's certificate.
  public init(certificates: [UInt8], privateKey: [UInt8]) {
    self.certificates = certificates
    self.privateKey = privateKey
  }
}
