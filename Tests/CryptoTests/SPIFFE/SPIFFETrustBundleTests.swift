import Crypto
import FederationAPI
import Foundation
import TestSupport
import Testing

@Suite struct SPIFFETrustBundleTests {
  private let authority: TestCertificateAuthority
  private let other: TestCertificateAuthority
  private let bundle: SPIFFETrustBundle
  private let id = "spiffe://example.org/app"
  private let now = Int64(Date().timeIntervalSince1970)

  init() throws {
    authority = try TestCertificateAuthority(name: "Example")
    other = try TestCertificateAuthority(name: "Other")
    bundle = try SPIFFETrustBundle(trustDomain: "example.org", pem: authority.certificatePEM)
  }

  @Test("PEM and concatenated DER are the same bundle, and several authorities each count")
  func forms() throws {
    let both = try SPIFFETrustBundle(
      trustDomain: "example.org", pem: other.certificatePEM + authority.certificatePEM)
    #expect(
      try both == SPIFFETrustBundle(trustDomain: "example.org", der: other.certificateDER + authority.certificateDER))
    #expect(both != bundle)
    #expect(both.certificates.count == 2)
    for issuer in [authority, other] {
      let chain = try issuer.issueSVID(id).der
      #expect(try both.verify(chain, as: .client, atSeconds: now).id == id)
    }
  }

  @Test("what is no list of authorities is refused")
  func refusedBundles() throws {
    let leaf = try authority.issueSVID(id)
    for pem in [[], Array("hello".utf8), leaf.pem, authority.certificatePEM + leaf.pem, leaf.keyPEM] {
      #expect(throws: CryptoError.self, "\(pem.count) bytes") {
        try SPIFFETrustBundle(trustDomain: "example.org", pem: pem)
      }
    }
    for der in try [[], [0x30, 0x00], leaf.der[0], authority.certificateDER + [0]] {
      #expect(throws: CryptoError.self, "\(der.count) bytes") {
        try SPIFFETrustBundle(trustDomain: "example.org", der: der)
      }
    }
    for name in ["", "Example.org", "spiffe://example.org", "a/b"] {
      #expect(throws: CryptoError.self, "\(name)") {
        try SPIFFETrustBundle(trustDomain: name, pem: authority.certificatePEM)
      }
    }
    let many = Array(repeatElement(authority.certificatePEM, count: 101).joined())
    #expect(throws: CryptoError.self) { try SPIFFETrustBundle(trustDomain: "example.org", pem: many) }
    let long = authority.certificatePEM + [UInt8](repeating: 0x0A, count: 65_536)
    #expect(throws: CryptoError.self) { try SPIFFETrustBundle(trustDomain: "example.org", pem: long) }
  }

  @Test("a chain over an intermediate authority is verified, and without it is not")
  func intermediate() throws {
    let middle = try TestCertificateAuthority(name: "Middle", below: authority)
    let whole = try middle.issueSVID(.init(id), intermediates: middle.certificatePEM)
    #expect(whole.der.count == 2)
    #expect(try bundle.verify(whole.der, as: .server, atSeconds: now).id == id)
    let short = try middle.issueSVID(id)
    #expect(try untrusted(short.der))
    // An intermediate authority in the bundle ends the chain.
    let middleBundle = try SPIFFETrustBundle(trustDomain: "example.org", pem: middle.certificatePEM)
    #expect(try middleBundle.verify(short.der, as: .client, atSeconds: now).id == id)
    // One whose certificate is an SVID's own cannot issue.
    let leaf = try authority.issueSVID("spiffe://example.org/false-authority")
    #expect(try untrusted(other.issueSVID(id).der + leaf.der))
  }

  @Test("other authorities, other trust domains and the workload itself vouch for nothing")
  func untrustedChains() throws {
    #expect(try untrusted(other.issueSVID(id).der))
    // The same name, another key.
    #expect(try untrusted(TestCertificateAuthority(name: "Example").issueSVID(id).der))
    // The bundle's own authority, but for a trust domain that is not its.
    #expect(try untrusted(authority.issueSVID("spiffe://other.org/app").der))
  }

  @Test("time decides: an SVID counts from its first second to its last, and so does the chain")
  func time() throws {
    let chain = try authority.issueSVID(id).der
    let good = try bundle.verify(chain, as: .client, atSeconds: now)
    #expect((now + 3_500...now + 3_700).contains(good.expiresAtSeconds))
    for (time, reason) in [(good.expiresAtSeconds + 1, "has expired"), (now - 86_400, "not yet valid")] {
      let error = try #require(throws: CryptoError.self) { try bundle.verify(chain, as: .client, atSeconds: time) }
      let text = if case .expiredSVID(let text) = error { text } else { "" }
      #expect(text.contains(id) && text.contains(reason), "\(error)")
    }
    // The authority of this test lives a day, less than the SVID.
    var long = TestCertificateAuthority.SVIDFields(id)
    long.validSeconds = 7 * 86_400
    let bounded = try bundle.verify(authority.issueSVID(long).der, as: .client, atSeconds: now)
    #expect(bounded.expiresAtSeconds <= now + 86_400 + 60)
  }

  @Test("nothing, and more certificates than any chain has, are refused")
  func bounds() throws {
    let leaf = try authority.issueSVID(id).der[0]
    for chain in [[], [[UInt8]](repeating: leaf, count: 11)] {
      #expect(throws: CryptoError.self) { try bundle.verify(chain, as: .client, atSeconds: now) }
    }
    #expect(try bundle.verify([leaf, leaf], as: .client, atSeconds: now).id == id)
  }

  @Test("a workload's bundles are chosen by the peer's trust domain")
  func material() throws {
    let own = try authority.issueSVID(id)
    let svid = try X509SVID(pem: own.pem, key: SecretBytes(own.keyPEM), for: .client)
    let otherBundle = try SPIFFETrustBundle(trustDomain: "other.org", pem: other.certificatePEM)
    let material = SPIFFEMaterial(svid: svid, bundles: ["example.org": bundle, "other.org": otherBundle])
    let peer = try other.issueSVID("spiffe://other.org/server")
    #expect(try material.verify(peer.der, as: .server, atSeconds: now).id == "spiffe://other.org/server")
    // No authority of one trust domain speaks for another.
    for chain in try [other.issueSVID(id).der, other.issueSVID("spiffe://third.org/server").der] {
      #expect(throws: CryptoError.self) { try material.verify(chain, as: .server, atSeconds: now) }
    }
  }

  private func untrusted(_ chain: [[UInt8]]) throws -> Bool {
    let error = try #require(throws: CryptoError.self) { try bundle.verify(chain, as: .client, atSeconds: now) }
    if case .untrustedSVID = error { return true }
    Issue.record("\(error)")
    return false
  }
}
