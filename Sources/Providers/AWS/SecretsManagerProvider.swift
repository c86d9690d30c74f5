import FederationAPI
import JSON
import Resources

/// AWS Secrets Manager. A version is a staging label, `AWSCURRENT` unless one is named, or `uuid/` and a version's ID.
struct SecretsManagerProvider: Provider {
  let account: AWSAccount
  /// What stands before every key.
  let prefix: String

  func fetch(
    _ key: ProviderKey, known: String?, deadline: MonotonicTime
  ) async throws(BackendError) -> FetchedSecret {
    var parameters: [JSONName: JSONValue] = ["SecretId": .string(prefix + key.name)]
    let version = key.version ?? "AWSCURRENT"
    if version.hasPrefix("uuid/") {
      parameters["VersionId"] = .string(String(version.dropFirst(5)))
    } else {
      parameters["VersionStage"] = .string(version)
    }
    let answer = try await account.call("GetSecretValue", parameters, deadline: deadline)
    let id = answer["VersionId"]?.string
    if let text = answer["SecretString"]?.string { return .value(SecretBytes(text), version: id) }
    guard let encoded = answer["SecretBinary"]?.string, var bytes = Base64.decode(encoded.utf8) else {
      throw .dataLoss(reason: "AWS's answer has neither SecretString nor SecretBinary")
    }
    return .value(SecretBytes(wiping: &bytes), version: id)
  }

  func list(limit: Int, deadline: MonotonicTime) async throws(BackendError) -> [String] {
    var parameters: [JSONName: JSONValue] = ["MaxResults": 100]
    if !prefix.isEmpty { parameters["Filters"] = [["Key": "name", "Values": [.string(prefix)]]] }
    return try await account.names(
      "ListSecrets", parameters, items: "SecretList", limit: limit, deadline: deadline
    ).compactMap { $0.withoutPrefix(prefix) }
  }

  func check(deadline: MonotonicTime) async throws(BackendError) -> BackendProof {
    let key = prefix + ProviderKey.probe.name
    return try await account.check("GetSecretValue", ["SecretId": .string(key)], key: key, deadline: deadline)
  }
}

extension String {
  /// What follows `prefix`, byte by byte; nil for other texts.
  func withoutPrefix(_ prefix: String) -> String? {
    guard utf8.starts(with: prefix.utf8) else { return nil }
    return String(utf8.dropFirst(prefix.utf8.count))
  }
}
