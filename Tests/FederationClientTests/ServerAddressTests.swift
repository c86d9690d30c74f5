import FederationAPI
import Testing

@testable import FederationClient

@Suite struct ServerAddressTests {
  @Test(
    "a URL is taken apart, with the scheme's port when it names none",
    arguments: [
      ("https://fed.example", "https://fed.example:443"), ("http://fed.example", "http://fed.example:80"),
      ("HTTPS://fed.example:8443/", "https://fed.example:8443"),
      ("https://fed.example:8443/base/path//", "https://fed.example:8443/base/path"),
      ("https://127.0.0.1:1", "https://127.0.0.1:1"), ("https://[::1]:65535", "https://[::1]:65535"),
      ("https://[fe80::1]", "https://[fe80::1]:443"),
    ])
  func parsing(url: String, description: String) throws {
    #expect(try ServerAddress(parsing: url).description == description)
  }

  @Test("an IPv6 host is dialled without its brackets")
  func brackets() throws {
    #expect(try ServerAddress(parsing: "https://[::1]:8443").host == "::1")
  }

  @Test(
    "what is no server's URL is refused",
    arguments: [
      "", "fed.example", "fed.example:8443", "ftp://fed.example", "https://", "https://:8443", "https://fed:0",
      "https://fed:65536", "https://fed:", "https://fed:80x", "https://fed:+1", "https://u:p@fed", "https://fed/?q=1",
      "https://fed/#f", "https://fed\u{0}", "https://fed example", "https://fed\r\nHost: x", "https://[::1",
      "https://[::1]x", "https://[[]", "https://[[::1]", "https://fed]",
      "https://fed\\evil", "https://fäd",
    ])
  func refusals(url: String) {
    let error = #expect(throws: RPCError.self) { try ServerAddress(parsing: url) }
    #expect(error?.code == .invalidArgument)
    #expect(error?.message.contains("p@") == false)
  }

  @Test(
    "only this machine is loopback",
    arguments: [("127.0.0.1", true), ("localhost", true), ("[::1]", true), ("10.0.0.1", false)])
  func loopback(host: String, isLoopback: Bool) throws {
    #expect(try ServerAddress(parsing: "http://\(host)").isLoopback == isLoopback)
  }
}
