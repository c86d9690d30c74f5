import FederationAPI
import JSON
import Resources
import SecretStores

/// AWS Systems Manager's Parameter Store, decrypted. A version is a number or a label.
struct ParameterStoreProvider: Provider {
  let account: AWSAccount
  /// What stands before every key.
  let prefix: String

  func fetch(
    _ key: ProviderKey, known: String?, deadline: MonotonicTime
  ) async throws(BackendError) -> FetchedSecret {
    let name = prefix + key.name + (key.version.map { ":\($0)" } ?? "")
    let answer = try await account.call(
      "GetParameter", ["Name": .string(name), "WithDecryption": true], deadline: deadline)
    guard let value = answer["Parameter"]?["Value"]?.string else {
      throw .dataLoss(reason: "AWS's answer has no parameter")
    }
    return .value(SecretBytes(value), version: answer["Parameter"]?["Version"]?.integer.map(String.init))
  }

  var hasTags: Bool { true }

  /// Which tags a parameter has, AWS alone compares: its list does not tell them.
  func list(_ filter: TagFilter, limit: Int, deadline: MonotonicTime) async throws(BackendError) -> [String] {
    var parameters: [JSONName: JSONValue] = ["MaxResults": 50]
    var filters: [JSONValue] = []
    if !prefix.isEmpty { filters.append(["Key": "Name", "Option": "BeginsWith", "Values": [.string(prefix)]]) }
    for tag in filter.tags {
      guard !tag.value.isEmpty else { throw .invalid("cannot find by a tag without a value") }
      filters.append(["Key": .string("tag:\(tag.key)"), "Option": "Equals", "Values": [.string(tag.value)]])
    }
    if !filters.isEmpty { parameters["ParameterFilters"] = .array(filters) }
    return try await account.names(
      "DescribeParameters", parameters, items: "Parameters", limit: limit, deadline: deadline
    ).compactMap { $0.withoutPrefix(prefix) }
  }

  func check(deadline: MonotonicTime) async throws(BackendError) -> BackendProof {
    let key = prefix + ProviderKey.probe.name
    return try await account.check(
      "GetParameter", ["Name": .string(key), "WithDecryption": true], key: key, deadline: deadline)
  }
}
