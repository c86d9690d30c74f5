import FederationClient

@testable import HTTPClient
@testable import Identity
@testable import Resources

extension FuzzTarget {
  /// No reader of addresses takes one that another would read as some other host.
  static let urls = FuzzTarget(text: "urls") { text in
    if let issuer = IssuerURL(text) {
      try hold(issuer.discovery.utf8.starts(with: "https://".utf8), "an issuer is asked over TLS")
      try hold(issuer.discovery.utf8.count <= text.utf8.count + 40, "an issuer's address is bounded")
    }
    if let issuer = IssuerURL("https://issuer.example"), let keys = issuer.keySet(from: text) {
      try hold(keys.utf8.starts(with: "https://issuer.example/".utf8), "keys come from the issuer: \(keys)")
    }
    if case .success(let url) = FederationURL.check(text) {
      guard case .success(let again) = FederationURL.check(url) else {
        throw BrokenProperty(description: "a federation's URL is one: \(url)")
      }
      try hold(again == url && !url.hasSuffix("/"), "a federation's URL has one spelling")
      try hold((try? RequestURL(url, allowsPlaintext: false)) != nil, "libcurl takes a federation's URL: \(url)")
    }
    if let url = WebhookURL(text) {
      try hold((try? RequestURL(url.text, allowsPlaintext: url.isPlaintext)) != nil, "libcurl takes \(url.text)")
    }
    if let address = try? ServerAddress(parsing: text) {
      let again = try ServerAddress(parsing: "\(address)")
      try hold(again == address, "a server's address comes back: \(again) of \(address)")
    }
    _ = try? RequestURL(text, allowsPlaintext: false)
  }
}
