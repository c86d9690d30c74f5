import CLinux

/// The rules for `KubernetesFederation.spec.url` and its like: tokens are sent there, or trusted for what is there.
enum FederationURL {
  /// What stands where such a URL is wanted.
  static let apiServer = "https://10.0.0.1:6443"
  static let okta = "https://example.okta.com"
  static let issuer = "https://issuer.example.org"
  static let server = "https://federation.example.org:8443"

  /// The rules, with `example` for a URL that keeps them.
  static func check(like example: String) -> (String) -> Result<String, FieldFault> {
    { check($0, example: example) }
  }

  /// `url` without slashes at its end, or what it must be instead, as `example` is.
  static func check(_ url: String, example: String = "https://backend.example.org") -> Result<String, FieldFault> {
    let example = "for example `\(example)`"
    guard url.hasPrefix("https://") else {
      let reason = url.hasPrefix("http://") ? "; http would show tokens to the network" : ", \(example)"
      return .failure(FieldFault("must begin with `https://`\(reason)"))
    }
    guard url.utf8.count <= 2048 else { return .failure(FieldFault("must not be longer than 2048 bytes")) }
    guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !Self.forbidden.contains($0) }) else {
      return .failure(FieldFault("holds a character that no URL may hold; remove it, or percent-encode it"))
    }
    if url.utf8.contains(UInt8(ascii: "?")) || url.utf8.contains(UInt8(ascii: "#")) {
      return .failure(FieldFault("must have no query and no fragment; remove the text from `?` or `#` on"))
    }
    let rest = url.dropFirst("https://".count)
    let authority = rest.prefix { $0 != "/" }
    guard !authority.contains("@") else {
      return .failure(FieldFault("must hold no user and no password; remove the text before `@`"))
    }
    guard let host = host(of: authority) else {
      return .failure(FieldFault("must have a port between 1 and 65535 after the last `:`, or none"))
    }
    guard isHost(host) else { return .failure(FieldFault("must name a host, \(example)")) }
    var path = rest.dropFirst(authority.count)
    while path.hasSuffix("/") { path.removeLast() }
    return .success("https://\(authority)\(path)")
  }

  static let forbidden = Array("\"<>\\^`{|}".utf8)

  /// The authority without its port; nil when what follows the colon is no port.
  static func host(of authority: Substring) -> Substring? {
    var afterHost = authority.startIndex
    if authority.hasPrefix("[") {
      guard let bracket = authority.lastIndex(of: "]") else { return authority }
      afterHost = bracket
    }
    guard let colon = authority[afterHost...].firstIndex(of: ":") else { return authority }
    let digits = authority[colon...].dropFirst()
    guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits), port > 0 else {
      return nil
    }
    return authority[..<colon]
  }

  /// Whether `host` is an address of this machine's own, and not a name, which may come to mean another's.
  static func isLoopbackAddress(_ host: Substring) -> Bool {
    if host == "[::1]" { return true }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
    // One spelling for each number: what else an address library takes for 127.0.0.1 is not asked.
    return numbers.count == 4 && numbers[0] == "127"
      && numbers.allSatisfy { UInt8($0).map(String.init) == String($0) }
  }

  static func isHost(_ host: Substring) -> Bool {
    if host.hasPrefix("[") && host.hasSuffix("]") {
      var address = in6_addr()
      return inet_pton(AF_INET6, String(host.dropFirst().dropLast()), &address) == 1
    }
    return KubernetesName.isSubdomain(host.lowercased())
  }
}
