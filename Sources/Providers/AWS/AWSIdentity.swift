import FederationAPI
import Resources

/// Who a store is to AWS: its credentials, got as the manifest says and again before they end.
struct AWSIdentity: Sendable {
  private let credential: ExpiringCredential<AWSCredentials>

  init(_ spec: AWSStoreSpec, secrets: ProviderSecrets, environment: AWSEnvironment, tokens: AWSSecurityTokens) {
    let sources = AWSCredentialSources(secrets: secrets, environment: environment, tokens: tokens)
    credential = ExpiringCredential(revision: { secrets.revision }) { deadline async throws(BackendError) in
      var lease = try await sources.lease(spec.authentication, deadline: deadline)
      for role in spec.roles { lease = try await tokens.assume(role, as: lease.value, deadline: deadline) }
      return lease
    }
  }

  func credentials(deadline: MonotonicTime) async throws(BackendError) -> AWSCredentials {
    try await credential.value(deadline: deadline)
  }

  /// Has the next request get new ones.
  func discard() async { await credential.discard() }
}

/// Where credentials come from before any role is assumed.
struct AWSCredentialSources: Sendable {
  typealias Lease = ExpiringCredential<AWSCredentials>.Lease

  let secrets: ProviderSecrets
  let environment: AWSEnvironment
  let tokens: AWSSecurityTokens

  /// How long credentials are used that may change under the server's hands, in seconds.
  private static let rereadSeconds = 60.0

  func lease(
    _ authentication: AWSStoreSpec.Authentication, deadline: MonotonicTime
  ) async throws(BackendError) -> Lease {
    switch authentication {
    case .keys(let id, let key, let token):
      let (id, key) = (try secrets.value(id), try secrets.value(key))
      var sessionToken: SecretBytes?
      if let token { sessionToken = try secrets.value(token) }
      guard let credentials = AWSCredentials(accessKeyID: id, secretAccessKey: key, sessionToken: sessionToken) else {
        throw .misconfigured(
          reason: "the Secret's AWS keys hold characters that AWS's never have, often a line break at their end")
      }
      return Lease(credentials, lifetimeSeconds: Self.rereadSeconds)
    case .webIdentity(let role, let token):
      return try await webIdentity(role, token, deadline)
    case .profile(let name, let file):
      return try profile(name, file)
    case .environment:
      return try await fromEnvironment(deadline)
    }
  }

  /// What AWS's own programs look for, in their order.
  private func fromEnvironment(_ deadline: MonotonicTime) async throws(BackendError) -> Lease {
    if let id = variable("AWS_ACCESS_KEY_ID"), let key = variable("AWS_SECRET_ACCESS_KEY") {
      guard
        let credentials = AWSCredentials(
          accessKeyID: SecretBytes(id), secretAccessKey: SecretBytes(key),
          sessionToken: variable("AWS_SESSION_TOKEN").map { SecretBytes($0) })
      else { throw .misconfigured(reason: "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY hold no keys of AWS's") }
      return Lease(credentials, lifetimeSeconds: Self.rereadSeconds)
    }
    if let role = variable("AWS_ROLE_ARN"), let file = variable("AWS_WEB_IDENTITY_TOKEN_FILE") {
      return try await webIdentity(role, .file(file), deadline)
    }
    return try profile(nil, nil)
  }

  private func webIdentity(
    _ role: String, _ source: CredentialSource, _ deadline: MonotonicTime
  ) async throws(BackendError) -> Lease {
    try await tokens.assume(role, showing: try secrets.text(source), deadline: deadline)
  }

  private func profile(_ name: String?, _ file: String?) throws(BackendError) -> Lease {
    let name = name ?? variable("AWS_PROFILE") ?? "default"
    guard
      let file = file ?? variable("AWS_SHARED_CREDENTIALS_FILE")
        ?? variable("HOME").map({ "\($0)/.aws/credentials" })
    else { throw .misconfigured(reason: "the server has no AWS credentials: give the store `auth.secretRef`") }
    return Lease(try AWSProfile.credentials(name, file: file), lifetimeSeconds: Self.rereadSeconds)
  }

  private func variable(_ name: String) -> String? { environment.variable(name).flatMap { $0.isEmpty ? nil : $0 } }
}
