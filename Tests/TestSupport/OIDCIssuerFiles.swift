import CLinux
import JSON

/// What an issuer's callers need, as files for shell-driven tests and for `make demo`.
public struct OIDCIssuerFiles: Sendable {
  /// The issuer.
  public let issuer: OIDCIssuer
  /// An existing directory.
  public let directory: String

  /// Files of `issuer` go to `directory`.
  public init(issuer: OIDCIssuer, directory: String) {
    self.issuer = issuer
    self.directory = directory
  }

  /// Writes them all, each readable by its owner only:
  ///
  /// | file | holds |
  /// | --- | --- |
  /// | `ca.crt` | the authority of the issuer and of `server.crt` |
  /// | `server.crt`, `server.key` | a certificate for localhost, 127.0.0.1 and ::1, for the server under test |
  /// | `url`, `issuer` | where the documents are, and the tokens' `iss`; one line each |
  /// | `issuer.json` | the same as `{"issuer":…,"url":…}` |
  /// | `token` | good for `subject` and an hour |
  /// | `token-expired`, `token-not-yet-valid` | the same, an hour off |
  /// | `token-other-subject`, `token-other-issuer`, `token-other-key` | the same but for what they are named for |
  ///
  /// `subject` is `system:serviceaccount:NAMESPACE:NAME`; `audiences` is the tokens' `aud`.
  public func write(subject: String, audiences: [String]) throws {
    let parts = subject.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 4, parts[0] == "system", parts[1] == "serviceaccount" else {
      throw TestSupportError("subject \"\(subject)\" is not system:serviceaccount:NAMESPACE:NAME")
    }
    var claims = issuer.claims(namespace: parts[2], serviceAccount: parts[3])
    claims.audiences = audiences
    var expired = claims
    expired.issuedAt -= 7_200
    expired.expiresAt -= 7_200
    var early = claims
    early.issuedAt += 3_600
    early.expiresAt += 3_600
    var stranger = claims
    stranger.serviceAccount += "-other"
    let foreign = claims.overriding(["iss": "https://other.invalid"])
    let tokens = [
      "token": try issuer.token(claims), "token-expired": try issuer.token(expired),
      "token-not-yet-valid": try issuer.token(early), "token-other-subject": try issuer.token(stranger),
      "token-other-issuer": try issuer.token(foreign),
      "token-other-key": try TestSigningKey(keyID: issuer.signingKey.keyID).token(claims),
    ]
    for (name, token) in tokens { try write(Array(token.utf8), to: name) }

    try write(issuer.caCertificates, to: "ca.crt")
    if let certificate = try issuer.server.authority?.issue(label: "federation") {
      try write(certificate.certificatePEM, to: "server.crt")
      try write(certificate.keyPEM, to: "server.key")
    }
    try write(Array((issuer.url + "\n").utf8), to: "url")
    try write(Array((issuer.issuer + "\n").utf8), to: "issuer")
    let description: JSONValue = ["issuer": .string(issuer.issuer), "url": .string(issuer.url)]
    try write(description.encoded() + [UInt8(ascii: "\n")], to: "issuer.json")
  }

  private func write(_ bytes: [UInt8], to name: String) throws {
    let path = "\(directory)/\(name)"
    // A file of before keeps its mode, so it goes first.
    unlink(path)
    let descriptor = creat(path, 0o600)
    guard descriptor >= 0 else { throw TestSupportError("cannot write \(path): errno \(clinux_errno())") }
    defer { close(descriptor) }
    var offset = 0
    while offset < bytes.count {
      let written = bytes[offset...].withUnsafeBytes { CLinux.write(descriptor, $0.baseAddress, $0.count) }
      guard written > 0 else { throw TestSupportError("cannot write \(path): errno \(clinux_errno())") }
      offset += written
    }
  }
}
