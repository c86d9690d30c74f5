import FederationAPI

/// A federation server's URL, taken apart: `http` or `https`, host, port and an optional base path.
public struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
  /// Whether the scheme is `https`.
  public let usesTLS: Bool
  /// Host name or address; an IPv6 address is without its brackets.
  public let host: String
  /// TCP port; 443 or 80 when the URL names none.
  public let port: UInt16
  /// What stands before the API's own paths, without a slash at the end; usually empty.
  public let basePath: String

  /// Reads `https://host[:port][/base]`. User names, queries and fragments are refused: none has a meaning here,
  /// and a password in a URL ends up in logs. Throws INVALID_ARGUMENT.
  public init(parsing url: String) throws(RPCError) {
    func invalid(_ reason: String) -> RPCError {
      RPCError(.invalidArgument, "the server URL \(reason); write https://HOST[:PORT]")
    }
    guard let schemeEnd = url.firstRange(of: "://") else { throw invalid("has no scheme") }
    switch url[..<schemeEnd.lowerBound].lowercased() {
    case "https": usesTLS = true
    case "http": usesTLS = false
    default: throw invalid("is neither https nor http")
    }
    let rest = url[schemeEnd.upperBound...]
    guard rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw invalid("holds a space or a special character")
    }
    guard !rest.contains(where: { "?#@\\".contains($0) }) else {
      throw invalid("holds a user name, a query or a fragment")
    }
    let authorityEnd = rest.firstIndex(of: "/") ?? rest.endIndex
    var path = rest[authorityEnd...]
    while path.hasSuffix("/") { path = path.dropLast() }
    basePath = String(path)

    let authority = rest[..<authorityEnd]
    let hostEnd: Substring.Index
    if authority.hasPrefix("[") {
      guard let bracket = authority.firstIndex(of: "]") else { throw invalid("has an IPv6 address without its ]") }
      host = String(authority[..<bracket].dropFirst())
      hostEnd = authority.index(after: bracket)
    } else {
      hostEnd = authority.firstIndex(of: ":") ?? authority.endIndex
      host = String(authority[..<hostEnd])
    }
    guard !host.isEmpty else { throw invalid("has no host") }
    guard !host.contains(where: { "[]".contains($0) }) else { throw invalid("has brackets that hold no IPv6 address") }
    let portText = authority[hostEnd...]
    if portText.isEmpty {
      port = usesTLS ? 443 : 80
    } else {
      guard portText.hasPrefix(":"), portText.dropFirst().allSatisfy(\.isNumber),
        let number = UInt16(portText.dropFirst()), number > 0
      else { throw invalid("has a port that is not a number from 1 to 65535") }
      port = number
    }
  }

  /// The URL, with its port and without a slash at the end.
  public var description: String {
    "\(usesTLS ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)\(basePath)"
  }

  /// Whether the host is this machine, so that plaintext crosses no network.
  public var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }
}
