import JSON
import Kubernetes
import Resources
import YAML

/// The objects of a cluster that are a server's resources, as they were told last.
struct ClusterObjects {
  struct Entry {
    let kind: ServedKind
    let type: ResourceType
    var object: KubernetesObject
    /// What the object says; nil for one that is being deleted, which counts no more.
    var content: JSONValue?
  }

  /// What is new about an object.
  enum Change {
    case nothing
    /// Something that no manifest would say, its status for example.
    case status
    case content
  }

  /// By title.
  private(set) var entries: [String: Entry] = [:]

  /// `kind/namespace/name`, without the namespace for objects of the whole cluster: what messages call the object.
  static func title(_ kind: ServedKind, _ namespace: String?, _ name: String) -> String {
    ([kind.kind] + (kind.isNamespaced ? [namespace ?? ""] : []) + [name]).joined(separator: "/")
  }

  /// Notes a state. One older than the known one is left aside: the answer to our own write may be ahead of the watch.
  mutating func note(_ object: KubernetesObject, as type: ResourceType, of kind: ServedKind) -> Change {
    let title = Self.title(kind, object.namespace, object.name)
    let content = object.deletionTimestamp == nil ? Self.content(object) : nil
    let before = entries[title]
    if let before, before.object.uid == object.uid, let known = UInt64(before.object.resourceVersion),
      let told = UInt64(object.resourceVersion), told <= known
    {
      return .nothing
    }
    entries[title] = Entry(kind: kind, type: type, object: object, content: content)
    guard let before else { return content == nil ? .status : .content }
    return before.content == content && before.object.uid == object.uid ? .status : .content
  }

  /// Whether an object of that identity was there.
  mutating func forget(_ identity: ObjectIdentity, of kind: ServedKind) -> Bool {
    let title = Self.title(kind, identity.namespace, identity.name)
    guard entries[title]?.object.uid == identity.uid else { return false }
    entries[title] = nil
    return true
  }

  /// What the objects say, in an order that does not depend on when they were told.
  var manifests: [ManifestObject] {
    let order = Dictionary(uniqueKeysWithValues: ServedKind.all.enumerated().map { ($1, $0) })
    return entries.sorted { (order[$0.value.kind] ?? 0, $0.key) < (order[$1.value.kind] ?? 0, $1.key) }
      .compactMap { title, entry in
        entry.content.map { ManifestObject(title: title, root: YAMLNode($0)) }
      }
  }

  /// The object as a manifest would have it: no status, and of the metadata only how it is called and what its annotations
  /// tell this server.
  static func content(_ object: KubernetesObject) -> JSONValue {
    var members = object.json.object ?? [:]
    members["status"] = nil
    var metadata: [JSONName: JSONValue] = ["name": .string(object.name)]
    if let namespace = object.namespace { metadata["namespace"] = .string(namespace) }
    let told = object.annotations.filter { $0.key.hasPrefix(CachePolicy.annotationPrefix) }
    if !told.isEmpty { metadata["annotations"] = .strings(told) }
    members["metadata"] = .object(metadata)
    return .object(members)
  }
}
