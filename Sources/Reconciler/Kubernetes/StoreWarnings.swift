import Kubernetes
import Resources

/// What deserves a look in the FederationStores of a cluster, each to be said once.
struct StoreWarnings {
  private var said: [ResourceName: [String]] = [:]

  /// What was not said before of the store that `event` tells of.
  mutating func unsaid(_ event: ObjectEvent) -> [(store: ResourceName, reason: String)] {
    switch event {
    case .added(let object), .modified(let object):
      let name = KubernetesResources.name(object)
      let reasons = KubernetesResources.warnings(object)
      let before = said[name] ?? []
      said[name] = reasons.isEmpty ? nil : reasons
      return reasons.filter { !before.contains($0) }.map { (name, $0) }
    case .deleted(let identity):
      said[ResourceName(namespace: identity.namespace ?? "", name: identity.name)] = nil
      return []
    case .synced, .failed: return []
    }
  }
}
