import FederationAPI
import Testing

@Suite struct PeerNetworkTests {
  @Test("the hosts of one IPv6 /64 are one network; IPv4 addresses, mapped ones too, are each their own")
  func networks() {
    func isSame(_ one: String, _ other: String) -> Bool { PeerNetwork(peer: one) == PeerNetwork(peer: other) }
    #expect(isSame("192.0.2.1:1", "192.0.2.1:65535"))
    #expect(!isSame("192.0.2.1:1", "192.0.2.2:1"))
    #expect(isSame("[2001:db8::1]:1", "[2001:db8::2]:2"))
    #expect(!isSame("[2001:db8::1]:1", "[2001:db8:0:1::1]:1"))
    #expect(!isSame("[::ffff:192.0.2.1]:1", "[::ffff:192.0.2.2]:1"))
  }
}
