import FederationAPI
import Testing

@Suite struct SPIFFEIDTests {
  @Test("workload IDs are taken and their trust domain found, everything else is refused")
  func forms() {
    for id in ["spiffe://example.org/app", "spiffe://td_1/A/b.c-d"] { #expect(SPIFFEID.isValid(id), "\(id)") }
    for id in [
      "", "spiffe://", "spiffe://example.org", "spiffe://example.org/", "spiffe:///app", "spiffe://Example.org/app",
      "spiffe://a/b//c", "spiffe://a/../b", "spiffe://a/./b", "spiffe://a:1/b", "spiffe://u@a/b", "spiffe://a/b?c",
      "SPIFFE://a/b", "https://a/b", "spiffe://a/" + String(repeating: "x", count: 2048),
    ] { #expect(!SPIFFEID.isValid(id), "\(id)") }
    #expect(SPIFFEID.isTrustDomain("td_1.example"))
    for name in ["", "spiffe://td", "TD", "a/b", String(repeating: "a", count: 256)] {
      #expect(!SPIFFEID.isTrustDomain(name), "\(name)")
    }
    #expect(SPIFFEID.trustDomain(of: "spiffe://example.org/app/x") == "example.org")
    #expect(SPIFFEID.trustDomain(of: "example.org/app") == "")
  }
}
