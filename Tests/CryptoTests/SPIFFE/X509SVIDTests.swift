import Crypto
import FederationAPI
import TestSupport
import Testing

@Suite struct X509SVIDTests {
  private let authority: TestCertificateAuthority
  private let id = "spiffe://example.org/app"

  init() throws { authority = try TestCertificateAuthority() }

  @Test("PEM files and the Workload API's DER give the same SVID, its chain in order")
  func forms() throws {
    let issued = try authority.issueSVID(.init(id), intermediates: authority.certificatePEM)
    let read = try X509SVID(pem: issued.pem, key: SecretBytes(issued.keyPEM), for: .client)
    let pushed = try X509SVID(der: Array(issued.der.joined()), pkcs8: SecretBytes(issued.keyDER), for: .server)
    for svid in [read, pushed] {
      #expect(svid.id == id)
      #expect(svid.certificates == issued.der)
      #expect(try svid.pem == issued.pem)
      #expect(try svid.privateKey.pem == SecretBytes(issued.keyPEM))
      #expect(svid.expiresAtSeconds == read.expiresAtSeconds)
    }
  }

  @Test("a key that is another certificate's, or no key, is refused without being shown")
  func keys() throws {
    let issued = try authority.issueSVID(id)
    let other = try authority.issueSVID(id)
    for key in [other.keyPEM, issued.keyDER, Array("a secret".utf8), []] {
      let error = try #require(throws: CryptoError.self) {
        try X509SVID(pem: issued.pem, key: SecretBytes(key), for: .client)
      }
      #expect(!"\(error)".contains("secret"))
    }
    for key in [other.keyDER, issued.keyPEM, []] {
      #expect(throws: CryptoError.self) {
        try X509SVID(der: issued.der[0], pkcs8: SecretBytes(key), for: .client)
      }
    }
  }

  @Test("a certificate that is no SVID is refused for that, whatever the key is")
  func ordinary() throws {
    let server = try authority.issue()
    let error = try #require(throws: CryptoError.self) {
      try X509SVID(pem: server.certificatePEM, key: SecretBytes("no key"), for: .server)
    }
    #expect("\(error)".contains("holds no SPIFFE ID"))
  }
}
