import FederationAPI
import TestSupport

@testable import Crypto

extension FuzzTarget {
  /// Certificates in DER, a peer's own first: what is taken for an SVID names a workload, reads the same when it is
  /// written, and is believed by no bundle that did not sign it.
  static let svidCertificates = FuzzTarget("svid-certificates") { bytes in
    guard let list = try? X509Certificate.list(der: bytes, limit: SPIFFETrustBundle.maximumChain) else { return }
    try hold((1...SPIFFETrustBundle.maximumChain).contains(list.count), "certificates are bounded")
    let chain = list.map(\.der)
    let again = try X509Certificate.list(der: chain.flatMap { $0 }, limit: SPIFFETrustBundle.maximumChain)
    try hold(again.map(\.der) == chain, "certificates come back as they were")
    let bundle = try foreignBundle.get()
    for role in [SVIDRole.client, .server] {
      guard let leaf = try? SVIDLeaf(der: chain[0], for: role) else { continue }
      try hold(SPIFFEID.isValid(leaf.id) && SPIFFEID.isTrustDomain(leaf.trustDomain), "an SVID names a workload")
      try hold(leaf == (try SVIDLeaf(again[0], for: role)), "an SVID says one thing")
      try hold((try? bundle.verify(chain, as: role, atSeconds: 1_800_000_000)) == nil, "nobody is believed unsigned")
    }
  }

  /// A trust domain's authorities, in DER and in PEM, are authorities all, and come back as they were.
  static let trustBundles = FuzzTarget("trust-bundles") { bytes in
    let bundles = [
      try? SPIFFETrustBundle(trustDomain: "example.org", der: bytes),
      try? SPIFFETrustBundle(trustDomain: "example.org", pem: bytes),
    ]
    for bundle in bundles {
      guard let bundle else { continue }
      let count = bundle.certificates.count
      try hold((1...SPIFFETrustBundle.maximumCertificates).contains(count), "authorities are bounded")
      let again = try SPIFFETrustBundle(trustDomain: "example.org", der: bundle.certificates.flatMap { $0 })
      try hold(again == bundle, "a bundle comes back")
      for der in bundle.certificates {
        try hold((try? SVIDLeaf(der: der, for: .server)) == nil, "an authority is no workload")
      }
    }
    try hold((try? SPIFFETrustBundle(trustDomain: "Not A Domain", der: bytes)) == nil, "a trust domain has a name")
  }

  /// Of an authority that signed nothing here.
  private static let foreignBundle = Result {
    try SPIFFETrustBundle(trustDomain: "example.org", pem: TestCertificateAuthority().certificatePEM)
  }
}
