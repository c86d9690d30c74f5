import FederationAPI
import HTTPClient
import Resources

/// AWS STS: credentials of a role, for a while.
struct AWSSecurityTokens: Sendable {
  private let client: AWSClient

  /// The name that CloudTrail shows for what is done with the credentials.
  private static let sessionName = "ese-federation"
  private static let lifetimeSeconds = 3_600

  init(region: String, endpoint: BackendURL?, exchange: BackendExchange) {
    client = AWSClient(
      service: AWSService("sts", target: "", region: region, endpoint: endpoint), exchange: exchange)
  }

  /// Credentials of `role` for who has `credentials` already (AssumeRole).
  func assume(
    _ role: AWSStoreSpec.Role, as credentials: AWSCredentials, deadline: MonotonicTime
  ) async throws(BackendError) -> ExpiringCredential<AWSCredentials>.Lease {
    var form = Self.form("AssumeRole", role.arn)
    if let externalID = role.externalID { form.append(("ExternalId", externalID)) }
    for (index, tag) in role.sessionTags.enumerated() {
      form.append(("Tags.member.\(index + 1).Key", tag.key))
      form.append(("Tags.member.\(index + 1).Value", tag.value))
    }
    for (index, key) in role.transitiveTagKeys.enumerated() {
      form.append(("TransitiveTagKeys.member.\(index + 1)", key))
    }
    return try await lease(form, as: credentials, deadline: deadline)
  }

  /// Credentials of the role for who shows `token`, of an identity provider that AWS trusts
  /// (AssumeRoleWithWebIdentity).
  func assume(
    _ role: String, showing token: String, deadline: MonotonicTime
  ) async throws(BackendError) -> ExpiringCredential<AWSCredentials>.Lease {
    return try await lease(
      Self.form("AssumeRoleWithWebIdentity", role) + [("WebIdentityToken", token)], as: nil, deadline: deadline)
  }

  private static func form(_ action: String, _ role: String) -> [(String, String)] {
    [
      ("Action", action), ("Version", "2011-06-15"), ("RoleArn", role), ("RoleSessionName", sessionName),
      ("DurationSeconds", "\(lifetimeSeconds)"),
    ]
  }

  private func send(
    _ form: [(String, String)], as credentials: AWSCredentials?, deadline: MonotonicTime
  ) async throws(AWSFailure) -> HTTPResponse {
    try await client.send(
      FormBody.encoded(form), [("Content-Type", "application/x-www-form-urlencoded")], as: credentials,
      deadline: deadline)
  }

  private func lease(
    _ form: [(String, String)], as credentials: AWSCredentials?, deadline: MonotonicTime
  ) async throws(BackendError) -> ExpiringCredential<AWSCredentials>.Lease {
    let response: HTTPResponse
    do throws(AWSFailure) {
      response = try await send(form, as: credentials, deadline: deadline)
    } catch {
      throw error.error
    }
    let xml = String(decoding: response.body, as: UTF8.self)
    func secret(_ name: String) -> SecretBytes? { XMLElement.text(name, of: xml).map { SecretBytes($0) } }
    guard let id = secret("AccessKeyId"), let key = secret("SecretAccessKey"), let token = secret("SessionToken"),
      let end = XMLElement.text("Expiration", of: xml).flatMap(RFC3339.seconds),
      let credentials = AWSCredentials(accessKeyID: id, secretAccessKey: key, sessionToken: token)
    else { throw .dataLoss(reason: "STS's answer has no credentials") }
    return ExpiringCredential.Lease(credentials, lifetimeSeconds: Double(max(0, end - WallClock.nowSeconds)))
  }
}
