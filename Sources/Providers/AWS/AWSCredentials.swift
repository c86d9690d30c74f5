import FederationAPI

/// What signs requests to AWS.
struct AWSCredentials: Sendable, Equatable {
  var accessKeyID: String
  var secretAccessKey: SecretBytes
  /// Of credentials that STS gave for a while.
  var sessionToken: SecretBytes?

  /// Nil when a part cannot stand in a header: access key IDs are letters and digits, tokens base64.
  init?(accessKeyID: SecretBytes, secretAccessKey: SecretBytes, sessionToken: SecretBytes? = nil) {
    func isPrintable(_ text: String) -> Bool {
      (1...Limits.token).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
    guard let accessKeyID = accessKeyID.text, isPrintable(accessKeyID), secretAccessKey.text.map(isPrintable) == true
    else { return nil }
    if let sessionToken {
      guard sessionToken.text.map(isPrintable) == true else { return nil }
    }
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
  }
}
