import JSON
import Kubernetes
import Logging

/// What a server asks of a cluster.
protocol ClusterAPI: Sendable {
  /// The first of several versions of a kind that the API serves; nil when it serves none of them yet.
  func firstServed(
    of versions: [ResourceType], namespace: String?
  ) async throws(KubernetesError) -> ResourceType?

  /// Tells of the objects of a type, in one namespace or of one name where they are given, until the task is cancelled.
  func follow(
    _ type: ResourceType, namespace: String?, name: String?,
    _ receive: @escaping @Sendable (ObjectEvent) async -> Void
  ) async

  /// One object as it is now.
  func object(_ type: ResourceType, _ identity: ObjectIdentity) async throws(KubernetesError) -> KubernetesObject

  /// Changes an object's status by a merge patch.
  func patchStatus(
    _ type: ResourceType, _ identity: ObjectIdentity, _ patch: JSONValue
  ) async throws(KubernetesError) -> KubernetesObject

  /// Runs `work`, which ends when it is cancelled, whenever this server is the one of several that leads.
  func lead(_ work: @escaping @Sendable () async -> Void) async
}

/// A cluster's API server.
struct KubernetesClusterAPI: ClusterAPI {
  /// Also the Lease by which a leader is chosen.
  private static let name = "federation-server"

  private let client: KubernetesClient
  private let elector: LeaderElector
  private let log: Log

  init(_ client: KubernetesClient, leaseNamespace: String, log: Log) {
    self.client = client
    self.log = log
    elector = LeaderElector(
      client, namespace: leaseNamespace, name: Self.name, identity: LeaderElector.uniqueIdentity(), log: log)
  }

  func firstServed(
    of versions: [ResourceType], namespace: String?
  ) async throws(KubernetesError) -> ResourceType? {
    try await client.firstServed(of: versions, namespace: namespace)
  }

  func follow(
    _ type: ResourceType, namespace: String?, name: String?,
    _ receive: @escaping @Sendable (ObjectEvent) async -> Void
  ) async {
    let selector = name.map { ListSelector.name($0) } ?? ListSelector()
    await Reflector(client, type, namespace: namespace, selector: selector, log: log).run(receive)
  }

  func object(_ type: ResourceType, _ identity: ObjectIdentity) async throws(KubernetesError) -> KubernetesObject {
    try await client.get(type, namespace: identity.namespace, name: identity.name)
  }

  func patchStatus(
    _ type: ResourceType, _ identity: ObjectIdentity, _ patch: JSONValue
  ) async throws(KubernetesError) -> KubernetesObject {
    try await client.patch(
      type, namespace: identity.namespace, name: identity.name, mergePatch: patch, subresource: "status",
      manager: Self.name)
  }

  func lead(_ work: @escaping @Sendable () async -> Void) async { await elector.run(work) }
}
