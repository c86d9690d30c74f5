import COpenSSL
import Crypto
import FederationAPI
import Foundation

extension TestCertificateAuthority {
  /// What an X.509-SVID's certificate says; each field may be made wrong.
  public struct SVIDFields: Sendable {
    /// The subject alternative names in OpenSSL's form; none for an empty list.
    public var names: [String]
    /// Its basic constraints.
    public var constraints = "critical,CA:FALSE"
    /// Its key usage; nil for none.
    public var keyUsage: String? = "critical,digitalSignature"
    /// Its extended key usage; nil for none.
    public var extendedKeyUsage: String? = "serverAuth,clientAuth"
    /// When it ends, from now on.
    public var validSeconds = 3_600

    /// The fields of a good one of `id`.
    public init(_ id: String) { names = ["URI:\(id)"] }
  }

  /// An issued SVID in the forms that its readers want.
  public struct IssuedSVID: Sendable {
    /// The certificate, then `intermediates` as they were given.
    public let pem: [UInt8]
    /// The same in DER, one by one.
    public let der: [[UInt8]]
    /// Its key, PKCS #8 in PEM form.
    public let keyPEM: [UInt8]
    /// The same in DER.
    public let keyDER: [UInt8]

    /// Writes `svid.pem` and `svid_key.pem`, which a reader sees whole, and gives their paths.
    public func write(to directory: TemporaryDirectory) throws -> (certificate: String, key: String) {
      (try directory.write(pem, to: "svid.pem"), try directory.write(keyPEM, to: "svid_key.pem"))
    }
  }

  /// Issues an X.509-SVID.
  public func issueSVID(_ fields: SVIDFields, intermediates: [UInt8] = []) throws -> IssuedSVID {
    let svidKey = try PrivateKey.generateEC(.p256)
    var extensions = [(nid: NID_basic_constraints, value: fields.constraints)]
    if let usage = fields.keyUsage { extensions.append((NID_key_usage, usage)) }
    if let usage = fields.extendedKeyUsage { extensions.append((NID_ext_key_usage, usage)) }
    if !fields.names.isEmpty { extensions.append((NID_subject_alt_name, fields.names.joined(separator: ","))) }
    let certificate = try makeCertificate(
      subject: "workload", issuer: name, key: svidKey, signedBy: key, validSeconds: fields.validSeconds,
      extensions: extensions)
    let pem = certificate + intermediates
    let keyPEM = try svidKey.pem.copied
    return IssuedSVID(pem: pem, der: try decodePEM(pem), keyPEM: keyPEM, keyDER: try decodePEM(keyPEM).first ?? [])
  }

  /// Issues a good X.509-SVID of `id`.
  public func issueSVID(_ id: String) throws -> IssuedSVID { try issueSVID(SVIDFields(id)) }

  /// The authority's own certificate in DER.
  public var certificateDER: [UInt8] { get throws { try decodePEM(certificatePEM).first ?? [] } }
}

/// The bytes of each block.
private func decodePEM(_ pem: [UInt8]) throws -> [[UInt8]] {
  try String(decoding: pem, as: UTF8.self).split(separator: "-----BEGIN ").map { block in
    let lines = block.split(separator: "\n").dropFirst().prefix { !$0.hasPrefix("-----END") }
    guard let bytes = Data(base64Encoded: lines.joined()) else { throw TestSupportError("PEM is not base64") }
    return Array(bytes)
  }
}
