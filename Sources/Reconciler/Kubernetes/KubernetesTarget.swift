import Resources
import FederationAPI
import FoundationEssentials
import JSON
import Kubernetes

/// Secrets of a cluster.
public struct KubernetesTarget: SecretTarget {
  private let client: KubernetesClient

  /// Writes by way of `client`, whose account needs the verbs get, create, update and delete on Secrets.
  public init(_ client: KubernetesClient) { self.client = client }

  /// The API's garbage collector removes what has an owner.
  public var collectsGarbage: Bool { true }

  /// Gets the Secret.
  public func secret(_ name: ResourceName) async throws(RPCError) -> TargetSecret? {
    do throws(KubernetesError) {
      return TargetSecret(try await client.get(.secrets, namespace: name.namespace, name: name.name), name)
    } catch {
      guard error.kind != .notFound else { return nil }
      throw RPCError(error)
    }
  }

  /// Creates the Secret, or replaces it at its version. Throws NOT_FOUND, too, where its owner is gone: the garbage collector
  /// may have been there already, and nobody would remove the Secret again.
  public func write(_ secret: TargetSecret) async throws(RPCError) {
    if secret.revision == nil, let owner = secret.owner { try await find(owner, in: secret.name.namespace) }
    let object = secret.object
    do throws(RPCError) {
      _ = try await translated { () throws(KubernetesError) in
        secret.revision == nil
          ? try await client.create(object, of: .secrets) : try await client.replace(object, of: .secrets)
      }
    } catch {
      // It was there when it was read.
      guard error.code != .notFound || secret.revision == nil else { throw RPCError(.aborted, error.message) }
      throw error
    }
  }

  private func find(_ owner: SecretOwner, in namespace: String) async throws(RPCError) {
    let type = AgentTypes.externalSecrets(String(owner.apiVersion.split(separator: "/").last ?? ""))
    let found = try await translated { () throws(KubernetesError) in
      try await client.get(type, namespace: namespace, name: owner.name)
    }
    guard found.uid == owner.uid, found.deletionTimestamp == nil else {
      throw RPCError(.notFound, "the ExternalSecret \"\(owner.name)\" that the Secret was for is gone")
    }
  }

  /// Deletes the Secret at its version.
  public func delete(_ secret: TargetSecret) async throws(RPCError) {
    do throws(KubernetesError) {
      try await client.delete(
        .secrets, namespace: secret.name.namespace, name: secret.name.name, resourceVersion: secret.revision)
    } catch {
      guard error.kind != .notFound else { return }
      throw RPCError(error)
    }
  }

  /// Not asked for, where garbage is collected.
  public func secrets(ownedBy owner: ResourceName) async throws(RPCError) -> [TargetSecret] { [] }

  /// Not asked for, where garbage is collected.
  public func owners() async -> [ResourceName] { [] }
}

extension TargetSecret {
  private static let ownerKind = "ExternalSecret"
  private static let ownerGroup = "external-secrets.io/"

  /// Reads a Secret of the API.
  init(_ object: KubernetesObject, _ name: ResourceName) {
    var data: [String: SecretBytes] = [:]
    for (key, value) in object["data"]?.strings ?? [:] {
      data[key] = Base64.decode(value.utf8).map { SecretBytes($0) }
    }
    self.init(
      name: name, type: object["type"]?.string ?? "Opaque", labels: object.labels, annotations: object.annotations,
      data: data, isImmutable: object["immutable"]?.bool ?? false, revision: object.resourceVersion)
    for reference in object.ownerReferences where reference.isController {
      if reference.kind == Self.ownerKind, reference.apiVersion.hasPrefix(Self.ownerGroup) {
        owner = SecretOwner(name: reference.name, uid: reference.uid, apiVersion: reference.apiVersion)
      } else {
        foreignOwner = "\(reference.kind) \(reference.name)"
      }
    }
    original = object.json
  }

  /// The Secret as it is sent: what it was, with what is said here.
  fileprivate var object: KubernetesObject {
    var object =
      original.map { KubernetesObject($0) }
      ?? KubernetesObject(.secrets, namespace: name.namespace, name: name.name, fields: ["type": .string(type)])
    object["apiVersion"] = "v1"
    object["kind"] = "Secret"
    object["type"] = .string(type)
    object["immutable"] = isImmutable ? true : nil
    object["data"] = .object(
      Dictionary(
        data.map { key, value in
          let encoded = value.withBytes { bytes in bytes.withUnsafeBytes { Data($0).base64EncodedString() } }
          return (JSONName(key), JSONValue.string(encoded))
        }, uniquingKeysWith: { first, _ in first }))
    object.setMetadata("labels", labels.isEmpty ? nil : .strings(labels))
    object.setMetadata("annotations", annotations.isEmpty ? nil : .strings(annotations))
    var references = object.ownerReferences.filter {
      $0.kind != Self.ownerKind || !$0.apiVersion.hasPrefix(Self.ownerGroup) || !$0.isController
    }
    if let owner {
      references.append(
        OwnerReference(apiVersion: owner.apiVersion, kind: Self.ownerKind, name: owner.name, uid: owner.uid))
    }
    object.setMetadata("ownerReferences", references.isEmpty ? nil : .array(references.map(\.json)))
    return object
  }
}
