import FederationAPI
import JSON
import Kubernetes
import Resources
import YAML

/// What an agent knows of a cluster's objects, as they were told last.
struct KubernetesResources {
  /// Annotations of our own on ExternalSecrets, which are no part of what they ask for.
  static let ownAnnotationPrefix = "federation.external-secrets.io/"
  static let issuersAnnotation = ownAnnotationPrefix + "issuers"
  static let finalizer = ownAnnotationPrefix + "credential-cleanup"

  private(set) var externalSecrets: [ResourceName: KubernetesObject] = [:]
  private var stores: [ResourceName: KubernetesObject] = [:]
  private var generators: [ResourceName: KubernetesObject] = [:]
  /// The ExternalSecrets by the Secret that they make.
  private var byTarget: [ResourceName: Set<ResourceName>] = [:]

  /// Whether an object is an ExternalSecret of this agent: other stores' are other operators'.
  static func isServed(_ object: KubernetesObject) -> Bool {
    object["spec"]?["secretStoreRef"]?["kind"]?.string == "FederationStore"
  }

  static func name(_ object: KubernetesObject) -> ResourceName {
    ResourceName(namespace: object.namespace ?? "", name: object.name)
  }

  /// Notes an ExternalSecret; gives whether something that matters is new. A state older than the one that is known is
  /// left aside: an answer to our own write may be ahead of the watch.
  mutating func note(externalSecret object: KubernetesObject) -> Bool {
    let name = Self.name(object)
    let before = externalSecrets[name]
    if let before, before.uid == object.uid, let known = UInt64(before.resourceVersion),
      let told = UInt64(object.resourceVersion), told < known
    {
      return false
    }
    if let before { byTarget[Self.target(before)]?.remove(name) }
    externalSecrets[name] = object
    byTarget[Self.target(object), default: []].insert(name)
    guard let before, before.uid == object.uid else { return true }
    return before["spec"] != object["spec"] || before.labels != object.labels
      || Self.annotations(before) != Self.annotations(object) || before.deletionTimestamp != object.deletionTimestamp
  }

  mutating func forget(externalSecret name: ResourceName) {
    guard let before = externalSecrets.removeValue(forKey: name) else { return }
    let target = Self.target(before)
    byTarget[target]?.remove(name)
    if byTarget[target]?.isEmpty == true { byTarget[target] = nil }
  }

  mutating func set(store object: KubernetesObject?, _ name: ResourceName) { stores[name] = object }

  mutating func set(generator object: KubernetesObject?, _ name: ResourceName) { generators[name] = object }

  /// The ExternalSecrets that make the Secret `target`.
  func externalSecrets(making target: ResourceName) -> Set<ResourceName> { byTarget[target] ?? [] }

  /// The ExternalSecrets of one namespace.
  func externalSecrets(in namespace: String) -> [ResourceName] {
    externalSecrets.keys.filter { $0.namespace == namespace }
  }

  func sourced(_ name: ResourceName) -> SourcedExternalSecret? {
    guard let object = externalSecrets[name], Self.isServed(object) else { return nil }
    return SourcedExternalSecret(
      name: name, resource: Self.resource(object), status: Self.status(object), uid: object.uid,
      apiVersion: object.apiVersion, resourceVersion: object.resourceVersion,
      isDeleting: object.deletionTimestamp != nil)
  }

  func store(_ name: ResourceName) throws(RPCError) -> FederationStoreResource {
    guard let object = stores[name] else {
      throw RPCError(.notFound, "there is no FederationStore \"\(name)\"")
    }
    guard let store = try Self.read(object).federationStores.first else { throw Self.empty }
    return store
  }

  func generator(_ name: ResourceName) throws(RPCError) -> FederationGeneratorResource {
    guard let object = generators[name] else {
      throw RPCError(.notFound, "there is no generator Federation \"\(name)\"")
    }
    guard let generator = try Self.read(object).federationGenerators.first else { throw Self.empty }
    return generator
  }

  static func status(_ object: KubernetesObject) -> ExternalSecretStatus {
    var status = object["status"].flatMap { ExternalSecretStatus($0) } ?? ExternalSecretStatus()
    if let text = object.annotations[issuersAnnotation], let issuers = try? JSONValue.parse(Array(text.utf8)) {
      status.issuers = ExternalSecretStatus(["issuers": issuers])?.issuers ?? []
    }
    // Whoever may write the object may write this, too, and must not have Secrets of other namespaces sent to a server.
    status.issuers.removeAll { !$0.isWithin(object.namespace ?? "") }
    return status
  }

  private static func resource(_ object: KubernetesObject) -> Result<ExternalSecretResource, RPCError> {
    do throws(RPCError) {
      var asked = object
      asked.setMetadata("annotations", .strings(annotations(object)))
      guard let resource = try read(asked).externalSecrets.first else { throw empty }
      do throws(RPCError) { try resource.checkContent() } catch { throw RPCError(error.code, "spec.\(error.message)") }
      return .success(resource)
    } catch {
      return .failure(error)
    }
  }

  private static func annotations(_ object: KubernetesObject) -> [String: String] {
    object.annotations.filter { !$0.key.hasPrefix(ownAnnotationPrefix) }
  }

  private static func target(_ object: KubernetesObject) -> ResourceName {
    ResourceName(
      namespace: object.namespace ?? "", name: object["spec"]?["target"]?["name"]?.string ?? object.name)
  }

  /// What deserves a look in an object, whether or not it can be used.
  static func warnings(_ object: KubernetesObject) -> [String] {
    ManifestLoader.readForAgent(YAMLNode(object.json)).diagnostics.filter { !$0.isError }.map(\.message)
  }

  /// Reads an object as a manifest is read. Throws FAILED_PRECONDITION with the first fault.
  private static func read(_ object: KubernetesObject) throws(RPCError) -> AgentManifests {
    let (manifests, diagnostics) = ManifestLoader.readForAgent(YAMLNode(object.json))
    if let fault = diagnostics.first(where: \.isError) { throw RPCError(.failedPrecondition, fault.message) }
    return manifests
  }

  private static let empty = RPCError(.failedPrecondition, "the object says nothing")
}
