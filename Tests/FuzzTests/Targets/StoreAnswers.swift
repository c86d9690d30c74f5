import FederationAPI
import HTTPClient
import JSON
import Logging
import Resources
import SecretStores
import TestSupport

@testable import Kubernetes
@testable import Providers
@testable import Resources

extension FuzzTarget {
  /// What Vault answers to a question, and to a login.
  static let vaultAnswers = FuzzTarget("vault-answers") { bytes in
    let login = HTTPResponse(status: 200, body: Array(#"{"auth": {"client_token": "t0ken"}}"#.utf8))
    for version in VaultStoreSpec.Version.allCases {
      let vault = VaultSpec(
        server: address, authentication: .userPassword(mount: "userpass", username: "u", password: credential("text")))
      let spec = VaultStoreSpec(vault: vault, mount: "secret", version: version)
      let (value, body) = try fetched(bytes, fixed: [("/auth/", login)]) { client in
        VaultProvider(spec, store: "s", client: client, secrets: secrets, log: Log(level: .error) { _ in })
      }
      guard let value, let body else { continue }
      let data = version == .v1 ? body["data"] : body["data.data"] ?? body["data"]?["data"]
      try hold(isSame(value, data), "a secret is what Vault keeps as its data")
    }
    let answer = SecretBytes(ScriptedBackend.response(bytes).body)
    for token in [VaultToken(answer: answer, givenAt: .now), VaultToken(text: "t", lookup: answer, givenAt: .now)] {
      guard let token else { continue }
      try hold((0...VaultToken.longestLeaseSeconds).contains(token.leaseSeconds), "a lease has a length")
      try hold(!token.text.isEmpty && token.text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "a token fits a header")
      let isOver = token.isOver(at: token.givenAt.advanced(bySeconds: token.leaseSeconds + 1))
      try hold(isOver == (token.leaseSeconds > 0), "a lease that ends is over at its end")
      try hold(token.renewalDelay(at: token.givenAt) <= token.leaseSeconds, "a token is renewed within its life")
    }
  }

  /// What Secrets Manager, Parameter Store and STS answer.
  static let awsAnswers = FuzzTarget("aws-answers") { bytes in
    for service in [AWSStoreSpec.Service.secretsManager, .parameterStore] {
      let keys = AWSStoreSpec.Authentication.keys(
        accessKeyID: credential("text"), secretAccessKey: credential("text"), sessionToken: nil)
      let spec = AWSStoreSpec(service: service, region: "eu-west-1", authentication: keys)
      // An error's code is the one word of AWS's that is told.
      let (value, body) = try fetched(bytes, repeatsWords: true) { spec.provider(secrets: secrets, client: $0) }
      let text = service == .parameterStore ? body?["Parameter"]?["Value"] : body?["SecretString"]
      if let value, let text = text?.string { try hold(value == Array(text.utf8), "a value is what AWS keeps") }
    }
    let tokens = AWSSecurityTokens(
      region: "eu-west-1", endpoint: nil, exchange: BackendExchange(client: ScriptedBackend(bytes)))
    let credentials = try awaited {
      try? await tokens.assume("arn:aws:iam::1:role/r", showing: "t", deadline: .now.advanced(bySeconds: 60)).value
    }
    guard let credentials else { return }
    let texts = [credentials.accessKeyID, credentials.sessionToken?.text ?? ""]
    try hold(texts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }, "keys fit headers")
  }

  /// What Secret Manager and the token endpoint of Google answer.
  static let gcpAnswers = FuzzTarget("gcp-answers") { bytes in
    let token = HTTPResponse(status: 200, body: Array(#"{"access_token": "t0ken", "expires_in": 3600}"#.utf8))
    let spec = GCPStoreSpec(project: "p", credential: credential("google"), isFederated: true)
    let (value, body) = try fetched(bytes, fixed: [("sts.googleapis", token)]) { client in
      GCPSecretManagerProvider(spec, client: client, secrets: secrets)
    }
    if let value, let data = body?["payload"]?["data"]?.string {
      try hold(Base64.decode(data.utf8) == value, "a value is what Google keeps")
    }
    let tokens = GCPTokens(exchange: BackendExchange(client: ScriptedBackend(bytes)), secrets: secrets)
    let given = try awaited {
      try? await tokens.lease(spec, deadline: .now.advanced(bySeconds: 60)).value.text
    }
    guard let given else { return }
    try hold((1...Limits.token).contains(given.utf8.count), "a token is bounded")
    try hold(given.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "a token fits a header")
  }

  /// What an API server answers of a Secret, and as a refusal.
  static let kubernetesAnswers = FuzzTarget("kubernetes-answers") { bytes in
    let response = ScriptedBackend.response(bytes)
    let operation = Operation(verb: "get", type: .secrets, namespace: "ns", name: "k")
    for status in [response.status, 503] {
      let error = KubernetesError(
        status: status, body: response.body, retryAfter: response.header("retry-after"), operation)
      try hold(error.retryAfterSeconds.map { $0 >= 0 } ?? true, "a pause is none into the past")
      try hold(error.message.unicodeScalars.count <= 25_000, "a refusal is bounded")
      try hold(error.message.utf8.allSatisfy { $0 >= 0x20 }, "a refusal is one line")
    }
    // The client waits by itself before it asks once more.
    guard response.status != 429, response.status < 500 else { return }
    let spec = KubernetesStoreSpec(server: address, authentication: .token(credential("text")))
    let (whole, body) = try fetched(bytes, repeatsWords: true) { client in
      KubernetesProvider(spec, client: client, secrets: secrets)
    }
    guard let whole else { return }
    let entries = try JSONValue.parse(whole).object ?? [:]
    try hold(entries.keys.count == body?["data"]?.object?.count ?? 0, "a Secret has all its entries")
  }

  /// What a webhook answers.
  static let webhookAnswers = FuzzTarget("webhook-answers") { bytes in
    let path = try WebhookResultPath(parsing: "$.a[0]")
    let hook = WebhookSpec(
      url: try WebhookTemplate(parsing: "https://hook.example/{{ .remoteRef.key }}"), resultPath: path)
    let (value, body) = try fetched(bytes) { client in
      WebhookProvider(WebhookStoreSpec(webhook: hook), client: client, secrets: secrets)
    }
    let answer = ScriptedBackend.response(bytes).body
    if let value, let result = body?["a"]?.array?.first {
      try hold(result == .null ? value.isEmpty : isSame(value, result), "a value is what the path leads to")
    }
    guard let values = try? WebhookAnswer.values(of: answer, at: path) else { return }
    try hold(values.count <= WebhookAnswer.maximumMembers, "members are bounded")
    try hold(values.values.allSatisfy { $0.count <= answer.count * 3 }, "a value stands in the answer")
  }
}

private let address: BackendURL = {
  guard let url = BackendURL("https://backend.example") else { preconditionFailure("a URL is one") }
  return url
}()

/// Holds a token, which Google exchanges; it stays for the process.
private let credentialFiles = Result { try TemporaryDirectory() }

/// Credentials that are as they should be.
private let secrets: ProviderSecrets = {
  let subjectToken = (try? credentialFiles.get().write("token", to: "token")) ?? ""
  let google =
    #"{"type": "external_account", "audience": "a", "subject_token_type": "t", "token_url": "https://sts.googleapis.com/t", "#
    + #""credential_source": {"file": "\#(subjectToken)"}}"#
  return ProviderSecrets(
    ManifestSecrets([
      SecretResource(
        name: "s", values: ["text": SecretBytes("cr3dential"), "google": SecretBytes(google)],
        location: SourceLocation(file: "s.yaml", line: 1))
    ]))
}()

private func credential(_ key: String) -> CredentialSource {
  .secret(SecretKeySelector(namespace: "default", name: "s", key: key))
}

/// What a provider makes of the answer: twice the same, a value only of one that went well, and a reason that is short.
/// Gives the value with the answer as JSON, where it is.
private func fetched(
  _ bytes: [UInt8], fixed: [(part: String, response: HTTPResponse)] = [], repeatsWords: Bool = false,
  _ provider: (any HTTPSending) -> any Provider
) throws -> (value: [UInt8]?, body: JSONValue?) {
  let answer = ScriptedBackend.response(bytes)
  let key = ProviderKey(name: "k")
  func fetch() throws -> (Result<[UInt8], BackendError>, String?) {
    let asked = provider(ScriptedBackend(bytes, fixed: fixed))
    return try awaited {
      do throws(BackendError) {
        guard
          case .value(let value, let version) = try await asked.fetch(
            key, known: nil, deadline: .now.advanced(bySeconds: 60))
        else { return (.failure(.notFound), nil) }
        return (.success(value.copied), version)
      } catch { return (.failure(error), nil) }
    }
  }
  let (first, second) = (try fetch(), try fetch())
  try hold(first == second, "an answer means one thing")
  let asked = provider(ScriptedBackend(bytes, fixed: fixed))
  let names = try awaited { try? await asked.list(TagFilter(), limit: 3, deadline: .now.advanced(bySeconds: 60)) }
  try hold((names ?? []).count <= 4, "a list is bounded")
  let filter = TagFilter([SecretTag(key: "team", value: "a")])
  let tagged = try awaited { try? await asked.list(filter, limit: 3, deadline: .now.advanced(bySeconds: 60)) }
  try hold((tagged ?? []).count <= 4, "a list of the keys with a tag is bounded")
  switch first.0 {
  case .success(let value):
    try hold((200...299).contains(answer.status), "no value comes of status \(answer.status)")
    return (value, try? JSONValue.parse(answer.body))
  case .failure(let error):
    guard !repeatsWords else { return (nil, nil) }
    try hold(error.reason.utf8.count <= 200, "a reason is short")
    try hold(!error.reason.contains("hunter2"), "a reason repeats nothing of the answer")
    return (nil, nil)
  }
}

/// Whether `value` is the text that `json` is, or else its spelling.
private func isSame(_ value: [UInt8], _ json: JSONValue?) -> Bool {
  if case .string(let text)? = json { return value == Array(text.utf8) }
  return json != nil && (try? JSONValue.parse(value)) == json
}
