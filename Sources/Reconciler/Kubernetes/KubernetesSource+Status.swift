import FederationAPI
import JSON
import Kubernetes
import Resources

/// What an agent writes to its ExternalSecrets. The object's UID is a condition of each write: one that was made anew under
/// the name is not told what was meant for its predecessor.
extension KubernetesSource {
  /// Patches the status subresource, and the annotation that remembers who may have issued something.
  public func keep(
    _ status: ExternalSecretStatus, of secret: SourcedExternalSecret
  ) async throws(RPCError) -> SourcedExternalSecret {
    if status.issuers != secret.status.issuers {
      let text = status.issuers.isEmpty ? nil : JSONValue.array(status.issuers.map(\.document)).encoded()
      let value = text.map { JSONValue.string(String(decoding: $0, as: UTF8.self)) } ?? .null
      try await patch(
        secret, metadata: ["annotations": .object([JSONName(KubernetesResources.issuersAnnotation): value])])
    }
    var shown = status
    shown.issuers = []
    var members = shown.document.object ?? [:]
    // A merge patch removes what is null.
    for name in ["refreshTime", "syncedResourceVersion", "binding"] where members[name] == nil { members[name] = .null }
    try await patch(secret, status: .object(members))
    var kept = secret
    kept.status = status
    kept.resourceVersion = state.withLock { $0.resources.externalSecrets[secret.name]?.resourceVersion ?? "" }
    return kept
  }

  /// Sets a finalizer: the API then keeps the ExternalSecret until its credentials have been taken back.
  public func holdForCleanup(_ secret: SourcedExternalSecret) async throws(RPCError) -> SourcedExternalSecret {
    guard let object = state.withLock({ $0.resources.externalSecrets[secret.name] }) else { return secret }
    let finalizers = Self.finalizers(object)
    guard !finalizers.contains(KubernetesResources.finalizer) else { return secret }
    try await set(finalizers + [KubernetesResources.finalizer], of: object, secret)
    return secret
  }

  /// What the annotations of an object say that is no longer this agent's.
  public func remains(of name: ResourceName) async -> ExternalSecretStatus? {
    state.withLock { state in state.resources.externalSecrets[name].map { KubernetesResources.status($0) } }
  }

  /// Takes the finalizer away, and with it what holds an ExternalSecret that is to be deleted.
  public func forget(_ name: ResourceName) async throws(RPCError) {
    guard let object = state.withLock({ $0.resources.externalSecrets[name] }) else { return }
    let finalizers = Self.finalizers(object)
    guard finalizers.contains(KubernetesResources.finalizer) else { return }
    let secret = SourcedExternalSecret(
      name: name, resource: .failure(RPCError(.notFound, "")), uid: object.uid, apiVersion: object.apiVersion)
    do throws(RPCError) {
      try await set(finalizers.filter { $0 != KubernetesResources.finalizer }, of: object, secret)
    } catch {
      guard error.code == .notFound else { throw error }
    }
  }

  private static func finalizers(_ object: KubernetesObject) -> [String] {
    (object.json["metadata"]?["finalizers"]?.array ?? []).compactMap(\.string)
  }

  private func set(
    _ finalizers: [String], of object: KubernetesObject, _ secret: SourcedExternalSecret
  ) async throws(RPCError) {
    // A patch replaces the list whole, so nobody may have changed it meanwhile.
    try await patch(
      secret,
      metadata: [
        "finalizers": .array(finalizers.map { .string($0) }), "resourceVersion": .string(object.resourceVersion),
      ])
  }

  private func patch(
    _ secret: SourcedExternalSecret, metadata: [JSONName: JSONValue] = [:], status: JSONValue? = nil
  ) async throws(RPCError) {
    var metadata = metadata
    metadata["uid"] = .string(secret.uid)
    var document: [JSONName: JSONValue] = ["metadata": .object(metadata)]
    if let status { document["status"] = status }
    let version = secret.apiVersion.split(separator: "/").last.map(String.init) ?? ""
    let patched = try await translated { () throws(KubernetesError) in
      try await client.patch(
        AgentTypes.externalSecrets(version), namespace: secret.name.namespace, name: secret.name.name,
        mergePatch: .object(document), subresource: status == nil ? nil : "status")
    }
    // The next look must not find what was before.
    state.withLock { _ = $0.resources.note(externalSecret: patched) }
  }
}
