import Kubernetes
import Resources
import YAML

/// The Secrets and ConfigMaps that a cluster's resources refer to, as they were told last.
struct ClusterSecrets {
  /// Those that are there and can be read.
  private(set) var resources: [ResourceName: SecretResource] = [:]
  /// What is to be said about those that cannot.
  private(set) var diagnostics: [ResourceName: [Diagnostic]] = [:]
  /// Those of which is known whether they are there.
  private(set) var told: Set<ResourceName> = []
  /// Tells one state of a Secret from another; none for one that is not there.
  private(set) var states: [ResourceName: Int] = [:]
  private var stateCount = 0

  /// Gives whether something is new.
  mutating func note(_ object: KubernetesObject, _ name: ResourceName) -> Bool {
    let manifest = ManifestObject(
      title: "\(name.secretKind)/\(name.namespace)/\(name.name)",
      root: YAMLNode(ClusterObjects.content(object)))
    let (secret, faults) = ManifestLoader.readSecret(manifest)
    guard resources[name] != secret || diagnostics[name] ?? [] != faults else { return false }
    resources[name] = secret
    diagnostics[name] = faults.isEmpty ? nil : faults
    stateCount += 1
    states[name] = stateCount
    return true
  }

  /// Gives whether it was not known.
  mutating func markTold(_ name: ResourceName) -> Bool { told.insert(name).inserted }

  /// The Secret is gone.
  mutating func remove(_ name: ResourceName) {
    resources[name] = nil
    diagnostics[name] = nil
    states[name] = nil
  }

  /// Nothing refers to the Secret any more.
  mutating func forget(_ name: ResourceName) {
    remove(name)
    told.remove(name)
  }
}
