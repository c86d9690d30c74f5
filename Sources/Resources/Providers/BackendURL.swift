/// Where a store's backend is: `https`, or `http` to an address of this machine's own, without user information, query
/// and fragment. A name is no address: somebody else may come to answer for it.
public struct BackendURL: Sendable, Hashable {
  /// The URL, without slashes at its end.
  public let text: String
  /// Whether it is an `http` URL.
  public let isPlaintext: Bool

  /// The host, with the port where one is named.
  public var authority: Substring { text.drop { $0 != "/" }.dropFirst(2).prefix { $0 != "/" } }

  /// Takes `text` when it is such a URL.
  public init?(_ text: String) {
    guard case .success(let url) = Self.check(text) else { return nil }
    self = url
  }

  private init(text: String, isPlaintext: Bool) {
    self.text = text
    self.isPlaintext = isPlaintext
  }

  /// The URL, or what it must be instead.
  static func check(_ text: String) -> Result<BackendURL, FieldFault> {
    guard text.hasPrefix("http://") else {
      return FederationURL.check(text).map { BackendURL(text: $0, isPlaintext: false) }
    }
    let rest = text.dropFirst("http://".count)
    guard let host = FederationURL.host(of: rest.prefix { $0 != "/" }), FederationURL.isLoopbackAddress(host) else {
      return .failure(
        FieldFault("must begin with `https://`; only to a loopback address, such as 127.0.0.1, may it be `http`"))
    }
    return FederationURL.check("https://" + rest).map {
      BackendURL(text: "http://" + $0.dropFirst("https://".count), isPlaintext: true)
    }
  }
}
