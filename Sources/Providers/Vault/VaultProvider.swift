import FederationAPI
import HTTPClient
import JSON
import Logging
import Resources
import SecretStores

/// Reads a KV secrets engine of HashiCorp Vault, or of OpenBao, which has the same API.
struct VaultProvider: Provider {
  private let spec: VaultStoreSpec
  private let session: VaultSession

  init(
    _ spec: VaultStoreSpec, store: String, client: any HTTPSending, secrets: ProviderSecrets,
    tokens: ServiceAccountTokens = ServiceAccountTokens(cluster: nil), log: Log
  ) {
    self.spec = spec
    let exchange = VaultExchange(
      spec: spec.vault, secrets: secrets, exchange: BackendExchange(client: client), tokens: tokens)
    session = VaultSession(exchange: exchange, store: store, log: log)
  }

  private var isVersioned: Bool { spec.version == .v2 }

  /// A secret's data as the JSON object that it is, as External Secrets gives it. `known` does not help: a secret that was
  /// removed with its metadata and written anew begins at version 1 again.
  func fetch(_ key: ProviderKey, known: String?, deadline: MonotonicTime) async throws(BackendError) -> FetchedSecret {
    let (path, query) = try place(of: key)
    guard isVersioned else {
      return .value(try part("data", of: try await get("\(mount)/\(path)", deadline)), version: nil)
    }
    let answer = try await get("\(mount)/data/\(path)\(query)", deadline)
    return .value(try part("data.data", of: answer), version: nil)
  }

  func refusal(of key: ProviderKey) -> BackendError? {
    do throws(BackendError) { _ = try place(of: key) } catch { return error }
    return nil
  }

  /// Where the key is below the mount.
  private func place(of key: ProviderKey) throws(BackendError) -> (path: String, query: String) {
    let name = VaultPath.key(key.name, mount: spec.mount, isVersioned: isVersioned)
    guard let path = VaultPath.encoded(path: name) else { throw .notFound }
    guard let version = key.version else { return (path, "") }
    guard isVersioned else { throw .invalid("is a KV engine of version 1, which keeps no versions") }
    guard let number = UInt32(version), number > 0, String(number) == version else {
      throw .invalid("has versions from 1 on, and \"\(version)\" is none")
    }
    return (path, "?version=\(number)")
  }

  /// KV version 1 keeps nothing beside the values.
  var hasTags: Bool { isVersioned }

  /// The keys of the engine, folder by folder. For tags each is asked about, and so those elsewhere are left out.
  func list(_ filter: TagFilter, limit: Int, deadline: MonotonicTime) async throws(BackendError) -> [String] {
    guard !filter.tags.isEmpty else { return try await keys(below: [], limit: limit, deadline) }
    let keys = try await keys(below: filter.prefix, limit: limit, deadline)
    guard keys.count <= limit else { return keys }
    let metadata = VaultMetadata(mount: mount) { (path, deadline) throws(BackendError) in
      try await get(path, deadline)
    }
    return try await metadata.keys(among: keys, meeting: filter, deadline: deadline)
  }

  private func keys(
    below prefix: [UInt8], limit: Int, _ deadline: MonotonicTime
  ) async throws(BackendError) -> [String] {
    let root = isVersioned ? "\(mount)/metadata" : mount
    var keys: [String] = []
    var folders = [""]
    while let folder = folders.popLast(), keys.count <= limit, folders.count <= limit {
      guard let path = folder.isEmpty ? "" : VaultPath.encoded(path: String(folder.dropLast())).map({ "/" + $0 }) else {
        continue
      }
      for name in try await names(in: root + path, deadline) {
        let key = folder + name
        if name.hasSuffix("/") {
          if key.utf8.starts(with: prefix) || prefix.starts(with: key.utf8) { folders.append(key) }
        } else if key.utf8.starts(with: prefix) {
          keys.append(key)
        }
      }
    }
    return Array(keys.prefix(limit + 1))
  }

  /// Logs in, and reads a key that need not be there. Where a policy refuses that, Vault has to know the token.
  func check(deadline: MonotonicTime) async throws(BackendError) -> BackendProof {
    let key = isVersioned ? "\(mount)/data/\(ProviderKey.probe.name)" : "\(mount)/\(ProviderKey.probe.name)"
    let refusal: BackendError
    do throws(BackendError) {
      _ = try await get(key, deadline)
      return BackendProof("Vault lets it read below `\(spec.mount)`")
    } catch .notFound {
      return BackendProof("Vault lets it read below `\(spec.mount)`")
    } catch {
      guard case .denied = error else { throw error }
      refusal = error
    }
    let namespace = spec.vault.loginNamespace ?? spec.vault.namespace
    do throws(BackendError) {
      _ = try await session.send(.init(path: "auth/token/lookup-self", namespace: namespace), deadline: deadline)
    } catch .denied {
      throw refusal
    }
    return .refused("Vault takes the login", key: key)
  }

  func close() { Task { [session] in await session.close() } }

  private var mount: String { VaultPath.encoded(path: spec.mount) ?? "" }

  private func get(_ path: String, _ deadline: MonotonicTime) async throws(BackendError) -> SecretBytes {
    try await session.send(.init(path: path, namespace: spec.vault.namespace), deadline: deadline)
  }

  private func names(in path: String, _ deadline: MonotonicTime) async throws(BackendError) -> [String] {
    let answer: SecretBytes
    do throws(BackendError) {
      answer = try await get("\(path)?list=true", deadline)
    } catch .notFound {
      // How Vault says that there is nothing in it.
      return []
    }
    let value = try? answer.withBytes { (bytes) throws(JSONError) in
      try JSONValue.parse(bytes, maximumByteCount: bytes.byteCount)
    }
    guard let keys = value?["data"]?["keys"]?.array else { throw .dataLoss(reason: "the list has no keys") }
    return keys.compactMap(\.string)
  }

  /// What stands at `path` of the answer; a deleted version has null there.
  private func part(_ path: String, of answer: SecretBytes) throws(BackendError) -> SecretBytes {
    switch answer.property(of: SecretReference(store: "", key: "", property: path)) {
    case .success(let value):
      if value.text == "null" { throw .notFound }
      return value
    case .failure(let error):
      throw error.code == .notFound ? .notFound : .dataLoss(reason: "the answer is not JSON")
    }
  }
}
