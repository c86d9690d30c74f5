import Resources
import FederationAPI
import JSON

/// Where an agent's Secrets are written: files, or the Kubernetes API.
public protocol SecretTarget: Sendable {
  /// The Secret that is there; nil when there is none. Throws FAILED_PRECONDITION when something else is there.
  func secret(_ name: ResourceName) async throws(RPCError) -> TargetSecret?

  /// Writes `secret`: a new one where its ``TargetSecret/revision`` is nil, else over that revision.
  ///
  /// Throws ABORTED or ALREADY_EXISTS when another was there first, and FAILED_PRECONDITION when it cannot be written.
  func write(_ secret: TargetSecret) async throws(RPCError)

  /// Deletes the Secret when it still is at its revision; succeeds when it is gone. Throws ABORTED when it has changed.
  func delete(_ secret: TargetSecret) async throws(RPCError)

  /// The Secrets that an ExternalSecret owns.
  func secrets(ownedBy owner: ResourceName) async throws(RPCError) -> [TargetSecret]

  /// Whether Secrets go by themselves when their owner goes.
  var collectsGarbage: Bool { get }

  /// Every ExternalSecret that owns a Secret here; none where ``collectsGarbage``.
  func owners() async -> [ResourceName]
}

/// A Secret as it is written, or as it was found.
public struct TargetSecret: Sendable, Equatable {
  /// Its name.
  public var name: ResourceName
  /// `type`.
  public var type: String
  /// `metadata.labels`.
  public var labels: [String: String]
  /// `metadata.annotations`.
  public var annotations: [String: String]
  /// `data`, decoded.
  public var data: [String: SecretBytes]
  /// `immutable`.
  public var isImmutable: Bool
  /// The ExternalSecret that owns it.
  public var owner: SecretOwner?
  /// What owns it that is no ExternalSecret, as `Kind name`; it cannot be owned by another then.
  public var foreignOwner: String?
  /// The object as it was found, for what is not said here; nil where there is no more to it.
  var original: JSONValue?
  /// What tells this state of it from every other; nil for one that is not there yet.
  public var revision: String?

  /// Makes a Secret.
  public init(
    name: ResourceName, type: String = "Opaque", labels: [String: String] = [:], annotations: [String: String] = [:],
    data: [String: SecretBytes] = [:], isImmutable: Bool = false, owner: SecretOwner? = nil, revision: String? = nil
  ) {
    self.name = name
    self.type = type
    self.labels = labels
    self.annotations = annotations
    self.data = data
    self.isImmutable = isImmutable
    self.owner = owner
    self.revision = revision
  }
}

/// The ExternalSecret that owns a Secret in its namespace.
public struct SecretOwner: Sendable, Hashable {
  /// `metadata.name`.
  public var name: String
  /// `metadata.uid`, empty outside Kubernetes.
  public var uid: String
  /// `apiVersion`.
  public var apiVersion: String

  /// Makes a reference.
  public init(name: String, uid: String = "", apiVersion: String = "external-secrets.io/v1") {
    self.name = name
    self.uid = uid
    self.apiVersion = apiVersion
  }
}
