import Crypto
import FederationAPI
import JSON
import Resources

/// What a JSON file of Google's says of how to get an access token.
enum GCPCredential {
  /// A service account and its key.
  case account(email: String, keyID: String?, key: PrivateKey, tokenURL: BackendURL)
  /// Workload identity federation: a token of another provider, in a file, is exchanged.
  case external(ExternalAccount)

  struct ExternalAccount {
    var audience: String
    var subjectTokenType: String
    var tokenURL: BackendURL
    var file: String
    /// The member of the file's JSON that is the token; nil for a file that is the token.
    var member: String?
    /// Whose token is taken in the end; nil for the federated one itself.
    var impersonationURL: BackendURL?
  }

  /// Where a credential may have tokens got: at Google, or where the store's endpoint is.
  struct Reach {
    /// Whether it may be a credential configuration, which names a file of the server's.
    var allowsExternal: Bool
    var endpoint: BackendURL?
  }

  /// Reads a service account's key, or a credential configuration with a file. Whoever writes one does not choose where
  /// this server sends what is in its files.
  init(_ json: SecretBytes, _ reach: Reach) throws(BackendError) {
    guard let value = try? JSONValue.parse(json.copied) else {
      throw .misconfigured(reason: "Google's credential is no JSON text")
    }
    switch value["type"]?.string {
    case "service_account": self = try Self.account(value, reach)
    case "external_account" where reach.allowsExternal: self = try Self.external(value, reach)
    case "external_account":
      throw .misconfigured(
        reason: "type of Google's credential must be service_account in auth.secretRef; give an external_account in "
          + "auth.workloadIdentityFederation.credConfig")
    default:
      throw .misconfigured(reason: "type of Google's credential must be service_account or external_account")
    }
  }

  private static func account(_ value: JSONValue, _ reach: Reach) throws(BackendError) -> Self {
    let (email, pem) = (try text("client_email", of: value), try text("private_key", of: value))
    let tokenURL = try url("token_uri", of: value, reach)
    do throws(CryptoError) {
      let key = try PrivateKey(pem: SecretBytes(pem))
      return .account(email: email, keyID: value["private_key_id"]?.string, key: key, tokenURL: tokenURL)
    } catch {
      throw .misconfigured(reason: "private_key of Google's credential is \(error)")
    }
  }

  private static func external(_ value: JSONValue, _ reach: Reach) throws(BackendError) -> Self {
    guard let source = value["credential_source"], let file = source["file"]?.string, file.hasPrefix("/") else {
      throw .misconfigured(reason: "credential_source of Google's credential must be a file, by its whole path")
    }
    var member: String?
    if let format = source["format"], format["type"]?.string == "json" {
      member = try text("subject_token_field_name", of: format)
    }
    return .external(
      ExternalAccount(
        audience: try text("audience", of: value), subjectTokenType: try text("subject_token_type", of: value),
        tokenURL: try url("token_url", of: value, reach), file: file, member: member,
        impersonationURL: value["service_account_impersonation_url"] == nil
          ? nil : try url("service_account_impersonation_url", of: value, reach)))
  }

  private static func text(_ member: String, of value: JSONValue) throws(BackendError) -> String {
    guard let text = value[member]?.string, !text.isEmpty else {
      throw .misconfigured(reason: "Google's credential has no \(member)")
    }
    return text
  }

  private static func url(
    _ member: String, of value: JSONValue, _ reach: Reach
  ) throws(BackendError) -> BackendURL {
    guard let url = BackendURL(try text(member, of: value)) else {
      throw .misconfigured(reason: "\(member) of Google's credential is no https URL")
    }
    guard isGoogle(url) || url.authority == reach.endpoint?.authority else {
      throw .misconfigured(
        reason: "\(member) of Google's credential must be at a host of googleapis.com, or at the store's endpoint")
    }
    return url
  }

  private static func isGoogle(_ url: BackendURL) -> Bool {
    let host = url.authority.prefix { $0 != ":" }.lowercased()
    // The latter in keys of service accounts that were made some years ago.
    return !url.isPlaintext && (host.hasSuffix(".googleapis.com") || host == "accounts.google.com")
  }
}
