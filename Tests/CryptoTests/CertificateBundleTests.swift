import Crypto
import FederationAPI
import Foundation
import TestSupport
import Testing

@Suite struct CertificateBundleTests {
  private let first: String
  private let second: String

  init() throws {
    first = String(decoding: try TestCertificateAuthority(name: "First").certificatePEM, as: UTF8.self)
    second = String(decoding: try TestCertificateAuthority(name: "Second").certificatePEM, as: UTF8.self)
  }

  @Test("D16: keeps every block, not only the first")
  func allBlocks() throws {
    let bundle = try CertificateBundle(pem: Array((first + second).utf8))
    #expect(bundle.count == 2)
    #expect(String(decoding: bundle.pem, as: UTF8.self) == first + second)
  }

  @Test("equals itself whatever the line ends and comments")
  func normalised() throws {
    let plain = try CertificateBundle(pem: Array(first.utf8))
    let windows = try CertificateBundle(pem: Array(first.replacingOccurrences(of: "\n", with: "\r\n").utf8))
    let commented = try CertificateBundle(pem: Array(("# the root\n" + first + "\ntrailing words\n").utf8))
    #expect(windows == plain)
    #expect(commented == plain)
    let other = try CertificateBundle(pem: Array(second.utf8))
    #expect(other.fingerprint != plain.fingerprint)
    #expect(plain.fingerprint.count == 32)
  }

  @Test("refuses text that is not a list of certificates")
  func refused() throws {
    let key = try TestKeys.key(for: .es256).pem.text ?? ""
    let noCertificate = first.replacingOccurrences(of: "CERTIFICATE", with: "CERTIFICATE REQUEST")
    let cut = String(first.prefix(first.count / 2))
    let wrongDER = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    let notBase64 = "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n"
    for text in ["", "hello", key, first + key, noCertificate, cut, first + cut, wrongDER, first + wrongDER, notBase64]
    {
      #expect(throws: CryptoError.self, "\(text.prefix(60))") { try CertificateBundle(pem: Array(text.utf8)) }
    }
  }

  @Test("bounds bytes and certificates")
  func bounds() throws {
    let many = Array(String(repeating: first, count: 101).utf8)
    try #require(many.count <= CertificateBundle.maximumByteCount)
    #expect(throws: CryptoError.invalidCertificates("more than 100 certificates")) { try CertificateBundle(pem: many) }
    #expect(try CertificateBundle(pem: Array(String(repeating: first, count: 100).utf8)).count == 100)
    let long = Array(first.utf8) + [UInt8](repeating: 0x0A, count: 65_536)
    #expect(throws: CryptoError.invalidCertificates("longer than 65536 bytes")) { try CertificateBundle(pem: long) }
  }
}
