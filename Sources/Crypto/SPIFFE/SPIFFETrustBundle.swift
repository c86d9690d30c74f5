import COpenSSL
import FederationAPI

/// The certificate authorities of one trust domain. Immutable, and cheap to pass on.
public struct SPIFFETrustBundle: Sendable, Hashable {
  /// The longest accepted bundle, in bytes.
  public static let maximumByteCount = CertificateBundle.maximumByteCount
  /// The most certificates in one bundle.
  public static let maximumCertificates = CertificateBundle.maximumCertificates
  /// The most certificates that a peer may show.
  public static let maximumChain = 10

  /// The trust domain's name, without `spiffe://`.
  public let trustDomain: String
  /// The authorities' certificates in DER, in the order they were given.
  public let certificates: [[UInt8]]
  private let anchors: TrustAnchors

  /// Reads every block of a PEM text. Throws ``CryptoError/invalidCertificates(_:)`` for a text that is too long, holds no
  /// certificate, or one that is no certificate authority's.
  public init(trustDomain: String, pem: [UInt8]) throws(CryptoError) {
    try Self.checkLength(pem)
    try self.init(trustDomain, try X509Certificate.list(pem: pem, limit: Self.maximumCertificates))
  }

  /// As the other form, for certificates that stand one behind the other in DER, as the Workload API gives them.
  public init(trustDomain: String, der: [UInt8]) throws(CryptoError) {
    try Self.checkLength(der)
    try self.init(trustDomain, try X509Certificate.list(der: der, limit: Self.maximumCertificates))
  }

  private init(_ trustDomain: String, _ authorities: [X509Certificate]) throws(CryptoError) {
    guard SPIFFEID.isTrustDomain(trustDomain) else {
      throw .invalidCertificates("the bundle's trust domain has no valid name, such as example.org")
    }
    for (index, certificate) in authorities.enumerated() where !certificate.isAuthority {
      throw .invalidCertificates(
        "certificate \(index + 1) of the bundle is no certificate authority's (CA:TRUE and keyCertSign)")
    }
    self.trustDomain = trustDomain
    certificates = authorities.map(\.der)
    anchors = try TrustAnchors(authorities)
  }

  private static func checkLength(_ bytes: [UInt8]) throws(CryptoError) {
    guard bytes.count <= maximumByteCount else { throw .invalidCertificates("longer than \(maximumByteCount) bytes") }
  }

  /// Verifies the certificates that a peer shows, in DER and its own first: by the rules of ``SVIDLeaf``, its trust domain
  /// and the authorities here, at `atSeconds` since 1970-01-01T00:00:00Z. What is given ends with the first certificate
  /// of the chain that does.
  public func verify(
    _ chain: [[UInt8]], as role: SVIDRole, atSeconds now: Int64
  ) throws(CryptoError) -> VerifiedSVID {
    guard let first = chain.first else { throw .invalidSVID("the peer shows no certificate") }
    guard chain.count <= Self.maximumChain else {
      throw .invalidSVID("the peer shows more than \(Self.maximumChain) certificates")
    }
    let leaf = try SVIDLeaf(der: first, for: role)
    guard leaf.trustDomain == trustDomain else {
      throw .untrustedSVID("\(leaf.id) is not of the trust domain \(trustDomain)")
    }
    var certificates: [X509Certificate] = []
    for bytes in chain { certificates += try X509Certificate.list(der: bytes, limit: 1) }
    let ends = try anchors.verify(certificates, leaf, role, now)
    return VerifiedSVID(id: leaf.id, expiresAtSeconds: ends)
  }

  /// Equal for the same certificates of the same trust domain.
  public static func == (left: SPIFFETrustBundle, right: SPIFFETrustBundle) -> Bool {
    left.trustDomain == right.trustDomain && left.certificates == right.certificates
  }

  /// Hashes what is compared.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(trustDomain)
    hasher.combine(certificates)
  }
}

/// Whose certificate was verified, and until when that holds.
public struct VerifiedSVID: Sendable, Hashable {
  /// The SPIFFE ID.
  public let id: String
  /// When the first certificate of the chain ends, in seconds since 1970-01-01T00:00:00Z.
  public let expiresAtSeconds: Int64
}

/// One X509_STORE.
private final class TrustAnchors: @unchecked Sendable {
  // Why @unchecked holds: the store is filled in init and only read afterwards, under a lock of its own.
  private let store: OpaquePointer

  init(_ authorities: [X509Certificate]) throws(CryptoError) {
    guard let store = X509_STORE_new() else { throw OpenSSLErrors.failure("make a certificate store") }
    self.store = store
    for authority in authorities {
      guard X509_STORE_add_cert(store, authority.pointer) == 1 else {
        throw OpenSSLErrors.failure("trust a certificate")
      }
    }
  }

  deinit { X509_STORE_free(store) }

  func verify(
    _ chain: [X509Certificate], _ leaf: SVIDLeaf, _ role: SVIDRole, _ now: Int64
  ) throws(CryptoError) -> Int64 {
    var ends: Int64 = 0
    let pointers = chain.map { Optional($0.pointer) }
    let result = withExtendedLifetime(chain) {
      copenssl_verify_svid(store, pointers, Int32(pointers.count), role == .server ? 1 : 0, now, &ends)
    }
    OpenSSLErrors.clear()
    guard result != X509_V_OK else { return ends }
    let reason = String(cString: X509_verify_cert_error_string(Int(result)))
    switch result {
    case X509_V_ERR_CERT_HAS_EXPIRED: throw .expiredSVID("\(leaf.id): \(reason)")
    case X509_V_ERR_CERT_NOT_YET_VALID: throw .expiredSVID("\(leaf.id): \(reason): compare the clocks")
    default: throw .untrustedSVID("\(leaf.id): \(reason)")
    }
  }
}
