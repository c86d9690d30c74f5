import FederationAPI

/// One profile of a file as AWS's own programs keep them, `~/.aws/credentials`.
struct AWSProfile {
  private static let maximumFileBytes = 1 << 20

  /// The settings by name, in lower case.
  let settings: [String: SecretBytes]

  /// The profile `name` of `text`; nil when there is none.
  init?(_ name: String, in text: String) {
    var settings: [String: SecretBytes]?
    var isInside = false
    for line in text.split(whereSeparator: \.isNewline) {
      let line = Self.trimmed(line)
      if line.hasPrefix("#") || line.hasPrefix(";") { continue }
      if line.hasPrefix("[") {
        let header = Self.trimmed(line.dropFirst().prefix { $0 != "]" })
        isInside = header == name
        if isInside, settings == nil { settings = [:] }
      } else if isInside, let equals = line.firstIndex(of: "=") {
        let value = Self.trimmed(line[line.index(after: equals)...])
        settings?[Self.trimmed(line[..<equals]).lowercased()] = SecretBytes(String(value))
      }
    }
    guard let settings else { return nil }
    self.settings = settings
  }

  /// The credentials of profile `name` in `file`.
  static func credentials(_ name: String, file: String) throws(BackendError) -> AWSCredentials {
    let bytes: [UInt8]?
    do throws(RPCError) {
      bytes = try BoundedFile.read(file, limit: maximumFileBytes, purpose: "AWS credentials file")
    } catch {
      throw .misconfigured(reason: error.message)
    }
    guard let bytes else { throw .misconfigured(reason: "there is no AWS credentials file \(file)") }
    guard let profile = AWSProfile(name, in: String(decoding: bytes, as: UTF8.self)) else {
      throw .misconfigured(reason: "\(file) has no profile \(name)")
    }
    guard let id = profile.settings["aws_access_key_id"], let key = profile.settings["aws_secret_access_key"],
      let credentials = AWSCredentials(
        accessKeyID: id, secretAccessKey: key, sessionToken: profile.settings["aws_session_token"])
    else {
      throw .misconfigured(
        reason: "profile \(name) of \(file) must have aws_access_key_id and aws_secret_access_key; what else profiles "
          + "may refer to is not followed")
    }
    return credentials
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
