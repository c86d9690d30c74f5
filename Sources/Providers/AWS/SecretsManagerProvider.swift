import FederationAPI
import JSON
import Resources
import SecretStores

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

  var hasTags: Bool { true }

  /// AWS compares how tags begin; the list tells them whole.
  func list(_ filter: TagFilter, limit: Int, deadline: MonotonicTime) async throws(BackendError) -> [String] {
    var parameters: [JSONName: JSONValue] = ["MaxResults": 100]
    var filters: [JSONValue] = prefix.isEmpty ? [] : [["Key": "name", "Values": [.string(prefix)]]]
    for tag in filter.tags.filter({ Self.isWanted($0.key) && Self.isWanted($0.value) }).prefix(Self.tagFilters) {
      filters.append(["Key": "tag-key", "Values": [.string(tag.key)]])
      filters.append(["Key": "tag-value", "Values": [.string(tag.value)]])
    }
    if !filters.isEmpty { parameters["Filters"] = .array(filters) }
    return try await account.names(
      "ListSecrets", parameters, items: "SecretList", limit: limit, deadline: deadline
    ) { filter.isMet(by: Self.tags(of: $0)) }.compactMap { $0.withoutPrefix(prefix) }
  }

  /// Tags that AWS is asked to look for: it takes ten filters.
  private static let tagFilters = 4

  /// Whether AWS takes a filter with `text`; one that begins with `!` would mean all others.
  private static func isWanted(_ text: String) -> Bool {
    (1...512).contains(text.utf8.count)
      && text.utf8.allSatisfy { KubernetesName.isAlphanumeric($0) || " :_@/+=.-".utf8.contains($0) }
  }

  private static func tags(of secret: JSONValue) -> [SecretTag] {
    (secret["Tags"]?.array ?? []).compactMap { tag in
      tag["Key"]?.string.map { SecretTag(key: $0, value: tag["Value"]?.string ?? "") }
    }
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
