import CommandLineFlags

/// An address to listen on, as flags write it.
struct ListenFlag {
  let host: String
  let port: UInt16

  /// Reads `HOST:PORT` or `[IPv6]:PORT`.
  init(_ text: String, flag: String) throws(UsageError) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
      throw UsageError("--\(flag) must be HOST:PORT, for example 127.0.0.1:8443, not \"\(text)\"")
    }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    guard !host.isEmpty else { throw UsageError("--\(flag) needs a host; 0.0.0.0 listens on every address") }
    self.host = String(host)
    self.port = port
  }

  /// A name that only begins like a loopback address, such as `127.example.org`, may be any machine's.
  var isLoopback: Bool {
    host == "localhost" || host == "::1"
      || host.hasPrefix("127.") && host.utf8.allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) }
  }
}
