import FederationAPI
import JSON
import SecretStores

/// The `custom_metadata` of the keys of a KV engine of version 2, which are their tags.
struct VaultMetadata: Sendable {
  /// How many keys one find asks about at once.
  private static let concurrency = 4

  let mount: String
  /// Gets the answer at a path of Vault's.
  let get: @Sendable (_ path: String, _ deadline: MonotonicTime) async throws(BackendError) -> SecretBytes

  /// Those of `keys` that have every tag of `filter`, in no order.
  func keys(
    among keys: [String], meeting filter: TagFilter, deadline: MonotonicTime
  ) async throws(BackendError) -> [String] {
    let found = await withTaskGroup(of: Result<String?, BackendError>.self) { group -> Result<[String], BackendError> in
      var (waiting, found) = (keys.makeIterator(), [String]())
      for _ in 0..<Self.concurrency {
        guard let key = waiting.next() else { break }
        group.addTask { await answer(key, filter, deadline) }
      }
      while let answer = await group.next() {
        switch answer {
        case .success(let key): if let key { found.append(key) }
        case .failure(let error):
          group.cancelAll()
          return .failure(error)
        }
        if let key = waiting.next() { group.addTask { await self.answer(key, filter, deadline) } }
      }
      return .success(found)
    }
    return try found.get()
  }

  /// The key when it has every tag.
  private func answer(
    _ key: String, _ filter: TagFilter, _ deadline: MonotonicTime
  ) async -> Result<String?, BackendError> {
    do throws(BackendError) {
      return .success(try await isMeant(key, filter, deadline) ? key : nil)
    } catch .denied {
      return .failure(
        .denied(
          reason: "Vault does not let it read the metadata of `\(key)`; a find by tags needs `read` of `metadata`"))
    } catch { return .failure(error) }
  }

  private func isMeant(
    _ key: String, _ filter: TagFilter, _ deadline: MonotonicTime
  ) async throws(BackendError) -> Bool {
    // Listed, but not a key that can be asked for.
    guard let path = VaultPath.encoded(path: key) else { return false }
    let answer: SecretBytes
    do throws(BackendError) {
      answer = try await get("\(mount)/metadata/\(path)", deadline)
    } catch .notFound {
      // It went since it was listed.
      return false
    }
    let value = try? answer.withBytes { (bytes) throws(JSONError) in
      try JSONValue.parse(bytes, maximumByteCount: bytes.byteCount)
    }
    guard let data = value?["data"]?.object else { throw .dataLoss(reason: "the metadata has no data") }
    return filter.isMet(by: data["custom_metadata"]?.object ?? [:])
  }
}
