import Crypto
import TestSupport
import Testing

@Suite struct SVIDLeafTests {
  private typealias Fields = TestCertificateAuthority.SVIDFields
  private let authority: TestCertificateAuthority
  private let id = "spiffe://example.org/app"

  init() throws { authority = try TestCertificateAuthority() }

  private func leaf(_ fields: Fields, for role: SVIDRole = .client) throws -> SVIDLeaf {
    try SVIDLeaf(der: try #require(authority.issueSVID(fields).der.first), for: role)
  }

  /// A good SVID's fields with one thing changed.
  private func fields(_ change: (inout Fields) -> Void) -> Fields {
    var fields = Fields(id)
    change(&fields)
    return fields
  }

  private func refusal(_ fields: Fields, for role: SVIDRole = .client) throws -> String {
    let error = try #require(throws: CryptoError.self) { try leaf(fields, for: role) }
    guard case .invalidSVID(let reason) = error else { return "\(error)" }
    return reason
  }

  @Test("is whose the certificate's URI says, until the certificate ends")
  func good() throws {
    let leaf = try leaf(Fields(id))
    #expect(leaf.id == id)
    #expect(leaf.trustDomain == "example.org")
    #expect(leaf.expiresAtSeconds > 1_700_000_000)
    // Other names, and no extended key usage, are allowed.
    _ = try self.leaf(fields { $0.names = ["DNS:app.example.org", "URI:\(id)", "IP:127.0.0.1"] })
    _ = try self.leaf(fields { $0.extendedKeyUsage = nil }, for: .server)
    _ = try self.leaf(fields { $0.keyUsage = "digitalSignature,keyEncipherment" })
  }

  @Test("needs exactly one URI, which is a workload's SPIFFE ID, and says so before anything else")
  func names() throws {
    let ordinary = fields {
      $0.names = ["DNS:localhost"]
      $0.keyUsage = nil
    }
    #expect(try refusal(ordinary).contains("holds no SPIFFE ID"))
    #expect(try refusal(fields { $0.names = [] }).contains("holds no SPIFFE ID"))
    #expect(try refusal(fields { $0.names.append("URI:spiffe://example.org/b") }).contains("2 URIs"))
    #expect(try refusal(fields { $0.names.append("URI:https://example.org") }).contains("2 URIs"))
    for wrong in [
      "https://example.org/app", "spiffe://example.org", "spiffe://example.org/", "spiffe://Example.org/app",
      "spiffe://example.org/a//b", "spiffe://example.org/app?q",
    ] {
      #expect(try refusal(fields { $0.names = ["URI:\(wrong)"] }).contains("not a workload's SPIFFE ID"), "\(wrong)")
    }
  }

  @Test("is no authority's, and may sign data but neither certificates nor revocation lists")
  func usage() throws {
    #expect(try refusal(fields { $0.constraints = "critical,CA:TRUE" }).contains("a certificate authority's"))
    for usage in ["critical,digitalSignature,keyCertSign", "critical,digitalSignature,cRLSign"] {
      #expect(try refusal(fields { $0.keyUsage = usage }).contains("keyCertSign or cRLSign"), "\(usage)")
    }
    #expect(try refusal(fields { $0.keyUsage = nil }).contains("digitalSignature"))
    #expect(try refusal(fields { $0.keyUsage = "critical,keyAgreement" }).contains("digitalSignature"))
  }

  @Test("an extended key usage, where there is one, names the role")
  func extendedUsage() throws {
    let server = fields { $0.extendedKeyUsage = "serverAuth" }
    #expect(try refusal(server).contains("clientAuth"))
    _ = try leaf(server, for: .server)
    let client = fields { $0.extendedKeyUsage = "clientAuth" }
    #expect(try refusal(client, for: .server).contains("serverAuth"))
    _ = try leaf(client)
  }

  @Test("bytes that are no certificate, and bytes after one, are refused")
  func damaged() throws {
    let der = try #require(authority.issueSVID(id).der.first)
    for bytes in [[], [0x30], Array(der.dropLast()), der + [0], der + der] {
      #expect(throws: CryptoError.self, "\(bytes.count) bytes") { try SVIDLeaf(der: bytes, for: .client) }
    }
  }
}
