import COpenSSL
import Crypto
import FederationAPI

/// A certificate authority made for one test, with its own directory for the files that servers and clients read.
public final class TestCertificateAuthority: Sendable {
  /// A server's certificate and key, each in PEM form and as a file.
  public struct ServerCertificate: Sendable {
    /// The leaf certificate, with the authority's own behind it unless that is a root.
    public let certificatePEM: [UInt8]
    /// Its key, PKCS #8.
    public let keyPEM: [UInt8]
    /// Path of a file with ``certificatePEM``.
    public let certificateFile: String
    /// Path of a file with ``keyPEM``.
    public let keyFile: String
  }

  /// Where the files are; it lives as long as the authority.
  public let directory: TemporaryDirectory
  /// The authority's own certificate, what a client trusts and sends as `ca.crt`.
  public let certificatePEM: [UInt8]
  /// Path of a file with ``certificatePEM``.
  public let certificateFile: String
  let key: PrivateKey
  let name: String
  /// What a server sends behind a certificate that this authority issued: its own, unless it is a root.
  private let chainPEM: [UInt8]

  /// Makes a key and a self-signed certificate that is valid for a day.
  public init(name: String = "Test CA") throws {
    self.name = name
    directory = try TemporaryDirectory()
    key = try .generateEC(.p256)
    certificatePEM = try makeCertificate(
      subject: name, issuer: name, key: key, signedBy: key,
      extensions: [
        (NID_basic_constraints, "critical,CA:TRUE"), (NID_key_usage, "critical,keyCertSign,cRLSign"),
        (NID_subject_key_identifier, "hash"),
      ])
    certificateFile = try directory.write(certificatePEM, to: "ca.crt")
    chainPEM = []
  }

  /// An authority below `root`.
  public init(name: String = "Test Intermediate CA", below root: TestCertificateAuthority) throws {
    self.name = name
    directory = try TemporaryDirectory()
    key = try .generateEC(.p256)
    certificatePEM = try makeCertificate(
      subject: name, issuer: root.name, key: key, signedBy: root.key, issuerPEM: root.certificatePEM,
      extensions: [
        (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"), (NID_key_usage, "critical,keyCertSign,cRLSign"),
        (NID_subject_key_identifier, "hash"), (NID_authority_key_identifier, "keyid:always"),
      ])
    certificateFile = try directory.write(certificatePEM, to: "ca.crt")
    chainPEM = certificatePEM + root.chainPEM
  }

  /// Issues a server certificate for `hosts` (IP addresses in `ipAddresses`); `validSeconds` counts from now and
  /// may be negative for one that has expired. With `usage` `clientAuth` it is a client's. Without `key` it gets a new
  /// EC one. Each call writes new files, named by `label`.
  public func issue(
    hosts: [String] = ["localhost"], ipAddresses: [String] = ["127.0.0.1", "::1"], validSeconds: Int = 86_400,
    usage: String = "serverAuth", key serverKey: PrivateKey? = nil, label: String = "server"
  ) throws -> ServerCertificate {
    let serverKey = try serverKey ?? PrivateKey.generateEC(.p256)
    let names = hosts.map { "DNS:\($0)" } + ipAddresses.map { "IP:\($0)" }
    let leaf = try makeCertificate(
      subject: hosts.first ?? "server", issuer: name, key: serverKey, signedBy: key, validSeconds: validSeconds,
      issuerPEM: certificatePEM,
      extensions: [
        (NID_basic_constraints, "critical,CA:FALSE"), (NID_ext_key_usage, usage),
        (NID_subject_alt_name, names.joined(separator: ",")), (NID_authority_key_identifier, "keyid:always"),
      ])
    let certificate = leaf + chainPEM
    let keyBytes = try serverKey.pem.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } }
    return ServerCertificate(
      certificatePEM: certificate, keyPEM: keyBytes,
      certificateFile: try directory.write(certificate, to: "\(label).crt"),
      keyFile: try directory.write(keyBytes, to: "\(label).key"))
  }
}

func makeCertificate(
  subject: String, issuer: String, key: PrivateKey, signedBy signer: PrivateKey, validSeconds: Int = 86_400,
  issuerPEM: [UInt8]? = nil, extensions: [(nid: Int32, value: String)]
) throws -> [UInt8] {
  let certificate = try unwrap(X509_new(), "X509_new")
  defer { X509_free(certificate) }
  let publicKey = try openSSLKey(key)
  defer { EVP_PKEY_free(publicKey) }
  let signingKey = try openSSLKey(signer)
  defer { EVP_PKEY_free(signingKey) }

  X509_set_version(certificate, 2)
  let serial = try SecureRandom.bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 1
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial)
  X509_gmtime_adj(X509_getm_notBefore(certificate), min(-60, validSeconds - 60))
  X509_gmtime_adj(X509_getm_notAfter(certificate), validSeconds)
  setCommonName(X509_get_subject_name(certificate), subject)
  setCommonName(X509_get_issuer_name(certificate), issuer)
  X509_set_pubkey(certificate, publicKey)
  let issuingCertificate = try issuerPEM.map(openSSLCertificate)
  defer { X509_free(issuingCertificate) }
  var context = X509V3_CTX()
  X509V3_set_ctx(&context, issuingCertificate ?? certificate, certificate, nil, nil, 0)
  for (nid, value) in extensions {
    let made = try unwrap(X509V3_EXT_conf_nid(nil, &context, nid, value), "X509V3_EXT_conf_nid \(value)")
    X509_add_ext(certificate, made, -1)
    X509_EXTENSION_free(made)
  }
  guard X509_sign(certificate, signingKey, EVP_sha256()) > 0 else { throw TestSupportError("X509_sign failed") }

  let bio = try unwrap(BIO_new(BIO_s_mem()), "BIO_new")
  defer { BIO_free(bio) }
  PEM_write_bio_X509(bio, certificate)
  var start: UnsafeMutablePointer<CChar>?
  let count = copenssl_bio_memory(bio, &start)
  return Array(UnsafeRawBufferPointer(start: start, count: count))
}

private func setCommonName(_ name: OpaquePointer?, _ value: String) {
  let bytes = Array(value.utf8)
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, bytes, Int32(bytes.count), -1, 0)
}

private func openSSLCertificate(_ pem: [UInt8]) throws -> OpaquePointer {
  let bio = try unwrap(BIO_new_mem_buf(pem, Int32(pem.count)), "BIO_new_mem_buf")
  defer { BIO_free(bio) }
  return try unwrap(PEM_read_bio_X509(bio, nil, nil, nil), "PEM_read_bio_X509")
}

private func openSSLKey(_ key: PrivateKey) throws -> OpaquePointer {
  let pem = try key.pem.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } }
  // The BIO reads from the array's own memory, so it must not outlive this closure.
  return try pem.withUnsafeBytes { bytes in
    let bio = try unwrap(BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)), "BIO_new_mem_buf")
    defer { BIO_free(bio) }
    return try unwrap(PEM_read_bio_PrivateKey(bio, nil, nil, nil), "PEM_read_bio_PrivateKey")
  }
}

private func unwrap(_ pointer: OpaquePointer?, _ what: String) throws -> OpaquePointer {
  guard let pointer else { throw TestSupportError("\(what) failed") }
  return pointer
}
