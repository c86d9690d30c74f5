import FederationAPI
import JSON
import Kubernetes
import Resources

/// What stores refer to in a cluster: entries of Secrets and ConfigMaps, and tokens of service accounts.
///
/// Each is kept for a while: hundreds of ExternalSecrets use one store, and each asks for its token.
actor ReferencedValues {
  /// How long a Secret or ConfigMap is used before it is looked at again, in seconds.
  static let lifetimeSeconds = 5.0
  /// How long a token is asked for, in seconds.
  static let tokenSeconds: Int64 = 3_600
  private static let maximumEntries = 4_096

  private struct Key: Hashable {
    var kind: String
    var name: ResourceName
    var audiences: [String] = []
  }

  private struct Entry<Value: Sendable>: Sendable {
    var value: Value
    var until: MonotonicTime
  }

  private let client: KubernetesClient
  private var objects: [Key: Entry<[String: SecretBytes]>] = [:]
  /// Lookups that are under way: who asks meanwhile waits for them.
  private var running: [Key: Task<Result<Entry<[String: SecretBytes]>, RPCError>, Never>] = [:]

  init(_ client: KubernetesClient) { self.client = client }

  func secret(_ selector: SecretKeySelector) async throws(RPCError) -> SecretBytes {
    try await entry("Secret", selector)
  }

  func configMap(_ selector: SecretKeySelector) async throws(RPCError) -> String {
    // What came as JSON is text.
    try await entry("ConfigMap", selector).text ?? ""
  }

  func token(of account: ResourceName, audiences: [String]) async throws(RPCError) -> String {
    let values = try await values(Key(kind: "token", name: account, audiences: audiences))
    return values["token"]?.text ?? ""
  }

  private func entry(_ kind: String, _ selector: SecretKeySelector) async throws(RPCError) -> SecretBytes {
    let name = ResourceName(namespace: selector.namespace, name: selector.name)
    guard let value = try await values(Key(kind: kind, name: name))[selector.key] else {
      throw RPCError(.notFound, "the \(kind) \"\(name)\" has no key \"\(selector.key)\"")
    }
    return value
  }

  private func values(_ key: Key) async throws(RPCError) -> [String: SecretBytes] {
    if let entry = objects[key], MonotonicTime.now < entry.until { return entry.value }
    let task: Task<Result<Entry<[String: SecretBytes]>, RPCError>, Never>
    if let known = running[key] {
      task = known
    } else {
      task = Task { [client] in await Self.look(key, client) }
      running[key] = task
    }
    let result = await task.value
    if running[key] == task { running[key] = nil }
    let entry = try result.get()
    if objects.count >= Self.maximumEntries { objects = [:] }
    objects[key] = entry
    return entry.value
  }

  private static func look(
    _ key: Key, _ client: KubernetesClient
  ) async -> Result<Entry<[String: SecretBytes]>, RPCError> {
    do throws(KubernetesError) {
      guard key.kind == "token" else { return try await .success(object(key, client)) }
      let token = try await client.requestToken(
        namespace: key.name.namespace, serviceAccount: key.name.name, audiences: key.audiences,
        expirationSeconds: tokenSeconds)
      let left = max(0, Double(token.expiresAtSeconds - WallClock.nowSeconds))
      return .success(
        Entry(value: ["token": token.token], until: .now.advanced(bySeconds: left * 0.8)))
    } catch {
      guard error.kind != .notFound else {
        return .failure(
          RPCError(.notFound, "there is no \(key.kind == "token" ? "ServiceAccount" : key.kind) \"\(key.name)\""))
      }
      return .failure(RPCError(error))
    }
  }

  private static func object(
    _ key: Key, _ client: KubernetesClient
  ) async throws(KubernetesError) -> Entry<[String: SecretBytes]> {
    let isSecret = key.kind == "Secret"
    let object = try await client.get(
      isSecret ? .secrets : .configMaps, namespace: key.name.namespace, name: key.name.name)
    var values: [String: SecretBytes] = [:]
    for (name, text) in object["data"]?.strings ?? [:] {
      values[name] = isSecret ? Base64.decode(text.utf8).map { SecretBytes($0) } : SecretBytes(text)
    }
    return Entry(value: values, until: .now.advanced(bySeconds: lifetimeSeconds))
  }
}
