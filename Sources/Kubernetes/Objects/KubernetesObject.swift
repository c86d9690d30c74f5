import JSON

/// One object of the API: its JSON, and its metadata by name.
public struct KubernetesObject: Sendable, Equatable {
  /// The object as the API gave it, or as it is to be sent.
  public var json: JSONValue

  /// Takes an object as it is.
  public init(_ json: JSONValue) { self.json = json }

  /// Makes an object to create. `fields` are what stands beside the metadata, for example `spec`.
  public init(
    _ type: ResourceType, namespace: String? = nil, name: String, labels: [String: String] = [:],
    annotations: [String: String] = [:], owners: [OwnerReference] = [], fields: [JSONName: JSONValue] = [:]
  ) {
    var metadata: [JSONName: JSONValue] = ["name": .string(name)]
    if let namespace { metadata["namespace"] = .string(namespace) }
    if !labels.isEmpty { metadata["labels"] = .strings(labels) }
    if !annotations.isEmpty { metadata["annotations"] = .strings(annotations) }
    if !owners.isEmpty { metadata["ownerReferences"] = .array(owners.map(\.json)) }
    var members = fields
    members["apiVersion"] = .string(type.apiVersion)
    members["kind"] = .string(type.kind)
    members["metadata"] = .object(metadata)
    json = .object(members)
  }

  /// A member of the object, for example `spec`. Setting nil removes it.
  public subscript(field: String) -> JSONValue? {
    get { json[field] }
    set {
      var members = json.object ?? [:]
      members[JSONName(field)] = newValue
      json = .object(members)
    }
  }

  /// `apiVersion`; empty when there is none, as in the items of a list.
  public var apiVersion: String { json["apiVersion"]?.string ?? "" }
  /// `kind`; empty when there is none, as in the items of a list.
  public var kind: String { json["kind"]?.string ?? "" }
  /// The name; empty when there is none.
  public var name: String { metadata("name") ?? "" }
  /// The namespace, nil for what belongs to the whole cluster.
  public var namespace: String? { metadata("namespace") }
  /// What tells this object from another of the same name, before or after it; empty before it is created.
  public var uid: String { metadata("uid") ?? "" }
  /// The version of this state, to be compared for equality only; empty before it is created.
  public var resourceVersion: String { metadata("resourceVersion") ?? "" }
  /// How often the `spec` has changed; 0 where the kind does not count.
  public var generation: Int64 { json["metadata"]?["generation"]?.integer ?? 0 }
  /// When deletion began, which finalizers hold up; nil for an object that is to stay.
  public var deletionTimestamp: String? { metadata("deletionTimestamp") }
  /// When it was created, RFC 3339.
  public var creationTimestamp: String? { metadata("creationTimestamp") }
  /// The labels.
  public var labels: [String: String] { json["metadata"]?["labels"]?.strings ?? [:] }
  /// The annotations.
  public var annotations: [String: String] { json["metadata"]?["annotations"]?.strings ?? [:] }
  /// Who owns it; references that lack a member are left out.
  public var ownerReferences: [OwnerReference] {
    (json["metadata"]?["ownerReferences"]?.array ?? []).compactMap(OwnerReference.init)
  }

  /// What identifies it among the objects of its type.
  public var identity: ObjectIdentity { ObjectIdentity(namespace: namespace, name: name, uid: uid) }

  /// Sets one member of the metadata; nil removes it.
  public mutating func setMetadata(_ field: String, _ value: JSONValue?) {
    var metadata = json["metadata"]?.object ?? [:]
    metadata[JSONName(field)] = value
    self["metadata"] = .object(metadata)
  }

  private func metadata(_ field: String) -> String? { json["metadata"]?[field]?.string }
}

/// What identifies an object among those of its type.
public struct ObjectIdentity: Sendable, Hashable {
  /// Nil for what belongs to the whole cluster.
  public var namespace: String?
  /// The name, which another object may have had before.
  public var name: String
  /// What tells them apart.
  public var uid: String

  /// Makes an identity.
  public init(namespace: String?, name: String, uid: String) {
    self.namespace = namespace
    self.name = name
    self.uid = uid
  }

  /// For messages: `namespace/name`, or the name alone.
  public var title: String { namespace.map { "\($0)/\(name)" } ?? name }
}

extension JSONValue {
  /// An object whose members are texts.
  public static func strings(_ members: [String: String]) -> JSONValue {
    .object(Dictionary(members.map { (JSONName($0), .string($1)) }) { first, _ in first })
  }

  /// The members that are texts; nil when this is no object.
  public var strings: [String: String]? {
    guard let object else { return nil }
    return Dictionary(object.compactMap { name, value in value.string.map { (name.text, $0) } }) { first, _ in first }
  }
}
