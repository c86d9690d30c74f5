import Crypto
import FederationAPI
import TestSupport
import Testing

@Suite struct SPIFFEFeedTests {
  private let feed = SPIFFEFeed()

  private func material(_ id: String) throws -> SPIFFEMaterial {
    let issued = try TestCertificateAuthority().issueSVID(id)
    let svid = try X509SVID(pem: issued.pem, key: SecretBytes(issued.keyPEM), for: .client)
    return SPIFFEMaterial(svid: svid, bundles: [:])
  }

  @Test("whoever listens hears at once, and of every later change; many while busy are one")
  func changes() async throws {
    var heard = feed.changes().makeAsyncIterator()
    #expect(await heard.next() != nil)
    #expect(feed.latest == nil)
    for name in ["a", "b", "c"] { feed.publish(try material("spiffe://td/\(name)")) }
    #expect(await heard.next() != nil)
    #expect(feed.latest?.svid.id == "spiffe://td/c")
    feed.end()
    #expect(await heard.next() == nil)
    var late = feed.changes().makeAsyncIterator()
    #expect(await late.next() == nil)
  }

  @Test("a failure leaves what there is, and a publication ends the failure")
  func failures() throws {
    feed.publish(try material("spiffe://td/a"))
    feed.fail("the agent has gone")
    #expect(feed.latest?.svid.id == "spiffe://td/a")
    #expect(feed.failure == "the agent has gone")
    feed.publish(try material("spiffe://td/b"))
    #expect(feed.failure == nil)
    feed.end()
    feed.fail("too late")
    #expect(feed.failure == nil)
  }
}
