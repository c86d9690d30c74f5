import FederationAPI
import Resources

@testable import Providers

extension FuzzTarget {
  /// A profile's name in the first line, then a file of profiles: the settings of one are written so that they read the
  /// same.
  static let awsProfile = FuzzTarget(text: "aws-profile") { text in
    let lines = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    guard lines.count == 2, let profile = AWSProfile(String(lines[0]), in: String(lines[1])) else { return }
    try hold(profile.settings.count <= text.count, "settings stand in the file")
    // Beyond ASCII, a letter may take the character beside it with it.
    guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return }
    let written = profile.settings.map { "\($0) = \($1.text ?? "")\n" }.joined()
    let again = AWSProfile(String(lines[0]), in: "[\(lines[0])]\n\(written)")
    try hold(again?.settings == profile.settings, "a profile comes back")
  }

  /// A credential of Google's that is taken sends tokens to Google over TLS, and a refusal repeats nothing of it.
  static let gcpCredential = FuzzTarget("gcp-credential") { bytes in
    do throws(BackendError) {
      switch try GCPCredential(SecretBytes(bytes), GCPCredential.Reach(allowsExternal: true)) {
      case .account(let email, _, _, let url):
        try check(url, !email.isEmpty)
      case .external(let account):
        let isWhole = account.file.hasPrefix("/") && !account.audience.isEmpty && !account.subjectTokenType.isEmpty
        try check(account.tokenURL, isWhole && account.member != "")
        if let url = account.impersonationURL { try check(url, true) }
      }
    } catch {
      guard case .misconfigured = error else { throw BrokenProperty(description: "a credential is refused as such") }
      try hold(error.reason.utf8.count <= 200, "a refusal is short")
      try hold(!error.reason.contains("hunter2"), "a refusal repeats nothing")
    }
  }

  private static func check(_ url: BackendURL, _ isWhole: Bool) throws(BackendError) {
    let host = url.authority.prefix { $0 != ":" }.lowercased()
    let isGoogle = host.hasSuffix(".googleapis.com") || host == "accounts.google.com"
    guard isWhole, isGoogle, url.text.hasPrefix("https://") else {
      throw .dataLoss(reason: "the credential is not whole")
    }
  }
}
