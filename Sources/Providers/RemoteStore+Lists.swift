import FederationAPI
import SecretStores

/// The keys of a store, for finds: the backend is asked each time.
extension RemoteStore {
  /// Asks the backend, after this call.
  public func list(_ store: String) -> Reply<[SecretReference]> { keys(TagFilter(), of: store) }

  /// Whether the backend has tags.
  public var hasTags: Bool { provider.hasTags }

  /// Asks the backend, after this call.
  public func list(_ store: String, _ filter: TagFilter) -> Reply<[SecretReference]> {
    hasTags ? keys(filter, of: store) : .ready(.failure(.noTags(store)))
  }

  private func keys(_ filter: TagFilter, of store: String) -> Reply<[SecretReference]> {
    .pending { [self] in
      let limit = maximumListedKeys
      probes.noteCall(for: nil)
      let outcome = await listings.answer(filter, asksBackend: true) { [self] turn in
        let kind: BackendCalls.Kind = filter == TagFilter() ? .list : .taggedList
        let result = await calls.ask(kind, at: turn.place, begins: turn.begins) {
          [provider] deadline throws(BackendError) in
          try await provider.list(filter, limit: limit, deadline: deadline)
        }
        if case .failure = result { probeInTime() }
        return result
      }
      let failure: BackendError
      switch outcome {
      case .answered(.success(let keys)):
        guard keys.count <= limit else { return .failure(.tooManyKeys(store)) }
        return .success(keys.map { SecretReference(store: store, key: $0) })
      case .answered(.failure(let error)):
        failure = error
        lines.notListed(error)
      case .full, .overShare, .late: failure = .busy(retryAfterSeconds: nil)
      case .givenUp: return .failure(.givenUp)
      }
      return .failure(failure.refusal(of: SecretReference(store: store, key: "")))
    }
  }
}
