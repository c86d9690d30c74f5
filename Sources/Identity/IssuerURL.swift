/// Where a federation's keys are, as text: only its own scheme, host and port are ever asked.
struct IssuerURL: Sendable {
  /// For example `https://10.0.0.1:6443/.well-known/openid-configuration`.
  let discovery: String
  /// For example `https://10.0.0.1:6443`.
  private let origin: String

  /// nil unless `url` is an https URL with a host and without user information: a token must never travel in clear.
  init?(_ url: String) {
    let scheme = "https://"
    guard url.prefix(scheme.count).lowercased() == scheme, Self.isPlain(url) else { return nil }
    let rest = url.dropFirst(scheme.count)
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let path = rest.dropFirst(authority.count)
    guard !authority.isEmpty, !authority.contains("@"), !path.contains("?"), !path.contains("#") else { return nil }
    origin = scheme + authority
    var base = origin + path
    while base.hasSuffix("/") { base.removeLast() }
    discovery = base + "/.well-known/openid-configuration"
  }

  /// Path and query of `jwks_uri` on this origin, whatever host the issuer names (API servers name addresses that
  /// only their own pods can reach); nil when it is no absolute URL.
  func keySet(from jwksURI: String) -> String? {
    guard Self.isPlain(jwksURI), let separator = jwksURI.firstRange(of: "://") else { return nil }
    let afterScheme = jwksURI[separator.upperBound...]
    let rest = afterScheme.drop { $0 != "/" && $0 != "?" && $0 != "#" }
    let pathAndQuery = rest.prefix { $0 != "#" }
    guard pathAndQuery.first == "/" else { return nil }
    return origin + pathAndQuery
  }

  /// Whether `url` may be asked for keys: https, a host, no user information.
  static func isAddress(_ url: String) -> Bool {
    let scheme = "https://"
    guard url.utf8.starts(with: scheme.utf8), isPlain(url) else { return false }
    let authority = url.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    return !authority.isEmpty && !authority.contains("@")
  }

  /// Scheme, host and port of `url`, which may be asked for keys.
  static func origin(of url: String) -> String {
    let scheme = "https://"
    return scheme + url.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
  }

  private static func isPlain(_ url: String) -> Bool {
    url.utf8.count <= 2_048 && url.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }
  }
}
