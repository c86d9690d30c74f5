import Crypto
import FederationAPI
import Resources

extension FuzzTarget {
  /// Certificates that can be read are written so that they read the same.
  static let pemCertificates = FuzzTarget("pem-certificates") { bytes in
    if let pem = CABundle.pem(String(decoding: bytes, as: UTF8.self)) {
      try hold(pem.count <= Limits.caCertificates, "a bundle is bounded")
    }
    guard let bundle = try? CertificateBundle(pem: bytes) else { return }
    try hold((1...CertificateBundle.maximumCertificates).contains(bundle.count), "certificates are bounded")
    try hold(try CertificateBundle(pem: bundle.pem) == bundle, "certificates come back as they were")
  }

  /// A private key that can be read is written so that it reads the same.
  static let pemPrivateKey = FuzzTarget("pem-private-key") { bytes in
    guard let key = try? PrivateKey(pem: SecretBytes(bytes)) else { return }
    let again = try PrivateKey(pem: try key.pem)
    try hold(again.publicKey.components == key.publicKey.components, "a key comes back as it was")
  }
}
