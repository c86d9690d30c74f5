import FederationAPI
import JSON

extension FederationClient {
  /// Has the server resolve an ExternalSecret's data: gives what its Secret would hold, by key.
  ///
  /// `store` is the ClusterSecretStore on the server for items that name none. `data` and `dataFrom` are `spec.data` and
  /// `spec.dataFrom` as JSON arrays, empty for none. `noteStale` is told how many seconds past its time the oldest value
  /// is that was read, because its backend errs.
  ///
  /// A call that only reads is tried again as ``secret(store:name:)`` is. Where `dataFrom` has a generator each success
  /// issues a credential, and the rule of ``generate(_:)`` holds: it is tried again only where none can have been made.
  ///
  /// Throws PERMISSION_DENIED when a store or generator is not granted, NOT_FOUND (over HTTP: INVALID_ARGUMENT) for a
  /// secret that is not there, INVALID_ARGUMENT and FAILED_PRECONDITION for items that cannot be resolved,
  /// RESOURCE_EXHAUSTED for more than one message can hold, UNIMPLEMENTED when the server resolves no ExternalSecrets,
  /// and what ``secret(store:name:)`` throws for the connection.
  public func resolve(
    store: String, data: [UInt8] = [], dataFrom: [UInt8] = [], noteStale: @Sendable (UInt32) -> Void = { _ in }
  ) async throws(RPCError) -> [String: SecretBytes] {
    let request = ResolveExternalSecretRequest(store: store, data: data, dataFrom: dataFrom)
    let mayIssue = Self.namesGenerator(dataFrom)
    guard !mayIssue else {
      return try await issuing { (wire, credentials, deadline) throws(GenerateFailure) in
        try await wire.resolve(request, mayIssue: true, credentials, deadline: deadline, noteStale: noteStale)
      }
    }
    return try await repeating { (wire, credentials, deadline) throws(RPCError) in
      do throws(GenerateFailure) {
        return try await wire.resolve(
          request, mayIssue: false, credentials, deadline: deadline, noteStale: noteStale)
      } catch {
        throw error.error
      }
    }
  }

  /// Whether an item of `dataFrom` has a `sourceRef.generatorRef`; what is no JSON is refused by the server.
  static func namesGenerator(_ dataFrom: [UInt8]) -> Bool {
    guard !dataFrom.isEmpty, let items = try? JSONValue.parse(dataFrom).array else { return false }
    return items.contains { $0.object?["sourceRef"]?.object?["generatorRef"] != nil }
  }
}
