/// A URL that a webhook may be sent to: `https`, or `http` to this machine's own loopback, without user information.
public struct WebhookURL: Sendable, Equatable {
  /// The URL.
  public let text: String
  /// Whether it is an `http` URL, whose host is then loopback.
  public let isPlaintext: Bool

  /// The longest URL, in bytes.
  public static let maximumByteCount = 8_192

  /// Takes `text` when it is such a URL.
  public init?(_ text: String) {
    guard case .success(let url) = Self.check(text) else { return nil }
    self = url
  }

  /// The URL, or what it must be instead.
  static func check(_ text: String) -> Result<WebhookURL, FieldFault> {
    func fault(_ text: String) -> Result<WebhookURL, FieldFault> { .failure(FieldFault(text)) }
    let isPlaintext = text.hasPrefix("http://")
    guard isPlaintext || text.hasPrefix("https://") else {
      return fault("must begin with `https://`, for example `https://hooks.example.org/credentials`")
    }
    guard text.utf8.count <= maximumByteCount else {
      return fault("must not be longer than \(maximumByteCount) bytes")
    }
    guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !FederationURL.forbidden.contains($0) }) else {
      return fault("holds a character that no URL may hold; percent-encode it")
    }
    let authority = text.dropFirst(isPlaintext ? 7 : 8).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard !authority.contains("@") else {
      return fault("must hold no user and no password; send them in a header, from a Secret")
    }
    guard let host = FederationURL.host(of: authority) else {
      return fault("must have a port between 1 and 65535 after the last `:`, or none")
    }
    guard FederationURL.isHost(host) else { return fault("must name a host") }
    guard !isPlaintext || host.lowercased() == "localhost" || FederationURL.isLoopbackAddress(host) else {
      return fault("must begin with `https://`; only to loopback may it be `http`, else the network would see secrets")
    }
    return .success(WebhookURL(text: text, isPlaintext: isPlaintext))
  }

  private init(text: String, isPlaintext: Bool) {
    self.text = text
    self.isPlaintext = isPlaintext
  }
}
