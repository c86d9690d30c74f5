import COpenSSL
import FederationAPI

/// The side of a TLS connection that shows an X.509-SVID.
public enum SVIDRole: Sendable {
  /// The side that connects.
  case client
  /// The side that is connected to.
  case server
}

/// What a leaf certificate says of itself by the rules of the X509-SVID standard, sections 2 to 5. Whether any of it is
/// true is for a ``SPIFFETrustBundle`` to say.
public struct SVIDLeaf: Sendable, Hashable {
  /// The workload's SPIFFE ID.
  public let id: String
  /// The name of the ID's trust domain.
  public var trustDomain: String { SPIFFEID.trustDomain(of: id) }
  /// When the certificate ends, in seconds since 1970-01-01T00:00:00Z.
  public let expiresAtSeconds: Int64

  /// Reads one certificate in DER; throws ``CryptoError/invalidSVID(_:)`` for one that breaks a rule or is not for
  /// `role`.
  public init(der: [UInt8], for role: SVIDRole) throws(CryptoError) {
    let certificates = try X509Certificate.list(der: der, limit: 1)
    try self.init(certificates[0], for: role)
  }

  init(_ certificate: X509Certificate, for role: SVIDRole) throws(CryptoError) {
    // First whose certificate it is: an ordinary one is told apart before its other fields are held against it.
    id = try Self.id(of: certificate)
    guard !certificate.isDamaged else { throw .invalidSVID("an extension of \(id)'s certificate is damaged") }
    guard !certificate.claimsAuthority else {
      throw .invalidSVID("\(id)'s certificate is a certificate authority's: use the workload's own certificate")
    }
    guard certificate.names(usage: KU_DIGITAL_SIGNATURE) else {
      throw .invalidSVID("the key usage of \(id)'s certificate does not name digitalSignature")
    }
    guard !certificate.names(usage: KU_KEY_CERT_SIGN), !certificate.names(usage: KU_CRL_SIGN) else {
      throw .invalidSVID(
        "the key usage of \(id)'s certificate names keyCertSign or cRLSign, as only an authority's may")
    }
    guard certificate.allows(role) else {
      let usage = role == .server ? "serverAuth" : "clientAuth"
      throw .invalidSVID("the extended key usage of \(id)'s certificate does not name \(usage)")
    }
    expiresAtSeconds = certificate.expiresAtSeconds
  }

  private static func id(of certificate: X509Certificate) throws(CryptoError) -> String {
    guard let names = certificate.uriNames else {
      throw .invalidSVID("the subject alternative names of the certificate are damaged")
    }
    guard names.count > 0 else {
      throw .invalidSVID(
        "the certificate holds no SPIFFE ID: it needs one URI spiffe://TRUST-DOMAIN/PATH as subject alternative name")
    }
    guard names.count == 1 else {
      throw .invalidSVID("the certificate holds \(names.count) URIs as subject alternative names, where one is allowed")
    }
    guard let id = String(validating: names.first, as: UTF8.self), SPIFFEID.isValid(id) else {
      throw .invalidSVID("the certificate's URI is not a workload's SPIFFE ID, spiffe://TRUST-DOMAIN/PATH")
    }
    return id
  }
}
