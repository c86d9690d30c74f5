import FederationAPI
import Resources

/// The Secret as an ExternalSecret wants it, made from the one that is there.
struct SecretDraft {
  /// Labels and annotations of ESO: what is managed, by whom, and the digest of the data as it was written.
  enum Mark {
    static let managed = "reconcile.external-secrets.io/managed"
    static let createdBy = "reconcile.external-secrets.io/created-by"
    static let dataHash = "reconcile.external-secrets.io/data-hash"
    /// Ours: the keys that an ExternalSecret merged, so that it can take them back.
    static func keys(_ owner: ResourceName) -> String {
      "federation.external-secrets.io/keys-" + DataHash.short(Array(owner.description.utf8)).prefix(16)
    }
  }

  /// Why a Secret may not be written.
  enum Refusal: Error, Equatable {
    /// Another ExternalSecret has it.
    case isOwned(by: String)
    /// Something that is no ExternalSecret has it, and only one can control it.
    case cannotBeOwned(by: String)
    /// Its values may not change.
    case isImmutable
  }

  let owner: SourcedExternalSecret
  let target: ExternalSecretTarget
  let content: SecretContent

  /// What is to be written; nil when the Secret is as it should be.
  func secret(over existing: TargetSecret?) throws(Refusal) -> TargetSecret? {
    let name = ResourceName(namespace: owner.name.namespace, name: target.name)
    var secret = existing ?? TargetSecret(name: name)
    if let current = existing?.owner, current.name != owner.name.name { throw .isOwned(by: current.name) }
    if target.creationPolicy == .owner {
      if let foreign = existing?.foreignOwner { throw .cannotBeOwned(by: foreign) }
      secret.owner = SecretOwner(name: owner.name.name, uid: owner.uid, apiVersion: owner.apiVersion)
    } else if existing?.owner?.name == owner.name.name {
      secret.owner = nil
    }
    let keysMark = Mark.keys(owner.name)
    if target.creationPolicy == .merge {
      for key in (secret.annotations[keysMark] ?? "").split(separator: ",") { secret.data[String(key)] = nil }
      secret.data.merge(content.data) { $1 }
      secret.annotations[keysMark] = content.data.keys.sorted().joined(separator: ",")
    } else {
      secret.data = content.data
      secret.annotations[keysMark] = nil
      if let type = content.type ?? (existing == nil ? "Opaque" : nil) { secret.type = type }
    }
    secret.labels.merge(content.labels) { $1 }
    secret.annotations.merge(content.annotations) { $1 }
    if target.isImmutable { secret.isImmutable = true }
    secret.labels[Mark.managed] = "true"
    secret.labels[Mark.createdBy] =
      target.creationPolicy == .owner ? DataHash.short(Array(owner.name.description.utf8)) : nil
    secret.annotations[Mark.dataHash] = DataHash.of(secret.data)
    if secret == existing { return nil }
    if let existing, existing.isImmutable, existing.data != secret.data { throw .isImmutable }
    return secret
  }

  /// Whether `existing` is what was written last: somebody who changes a managed Secret finds it restored.
  static func isIntact(_ existing: TargetSecret?) -> Bool {
    guard let existing else { return false }
    return existing.labels[Mark.managed] == "true" && existing.annotations[Mark.dataHash] == DataHash.of(existing.data)
  }
}

/// What goes into a Secret, the templates applied.
struct SecretContent: Equatable {
  var type: String?
  var labels: [String: String]
  var annotations: [String: String]
  var data: [String: SecretBytes]
}
