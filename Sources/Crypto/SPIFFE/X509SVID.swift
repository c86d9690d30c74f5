import COpenSSL
import FederationAPI

/// A workload's own X.509-SVID: its certificates with the key of the first.
public struct X509SVID: Sendable {
  /// The most bytes of certificates, and of the key.
  public static let maximumByteCount = CertificateBundle.maximumByteCount

  /// Whose it is.
  public let leaf: SVIDLeaf
  /// The SPIFFE ID.
  public var id: String { leaf.id }
  /// When it ends, in seconds since 1970-01-01T00:00:00Z.
  public var expiresAtSeconds: Int64 { leaf.expiresAtSeconds }
  /// The certificates in DER, the workload's own first.
  public var certificates: [[UInt8]] { chain.map(\.der) }
  /// The key of the first certificate.
  public let privateKey: PrivateKey
  private let chain: [X509Certificate]

  /// Reads PEM texts, as `svid.pem` and `svid_key.pem` of spiffe-helper. Throws ``CryptoError`` for what is no SVID for
  /// `role`, and for a key that is not the certificate's.
  public init(pem: [UInt8], key: SecretBytes, for role: SVIDRole) throws(CryptoError) {
    try Self.checkLength(pem.count)
    let chain = try X509Certificate.list(pem: pem, limit: SPIFFETrustBundle.maximumChain)
    let leaf = try SVIDLeaf(chain[0], for: role)
    try self.init(leaf, chain, try PrivateKey(pem: key))
  }

  /// Reads certificates that stand one behind the other in DER, and a PKCS #8 key in DER, as the Workload API gives them.
  public init(der: [UInt8], pkcs8 key: SecretBytes, for role: SVIDRole) throws(CryptoError) {
    try Self.checkLength(der.count)
    let chain = try X509Certificate.list(der: der, limit: SPIFFETrustBundle.maximumChain)
    let leaf = try SVIDLeaf(chain[0], for: role)
    try self.init(leaf, chain, try PrivateKey(pkcs8: key))
  }

  private init(_ leaf: SVIDLeaf, _ chain: [X509Certificate], _ key: PrivateKey) throws(CryptoError) {
    guard key.isKey(of: chain[0]) else {
      throw .invalidSVID("the private key is not that of \(leaf.id)'s certificate")
    }
    self.leaf = leaf
    self.chain = chain
    privateKey = key
  }

  private static func checkLength(_ count: Int) throws(CryptoError) {
    guard count <= maximumByteCount else { throw .invalidCertificates("longer than \(maximumByteCount) bytes") }
  }

  /// The certificates in PEM form.
  public var pem: [UInt8] {
    get throws(CryptoError) {
      let output = try MemoryOutput()
      for certificate in chain where PEM_write_bio_X509(output.bio, certificate.pointer) != 1 {
        throw OpenSSLErrors.failure("write a certificate")
      }
      return output.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } }
    }
  }
}
