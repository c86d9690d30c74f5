import FederationAPI
import Resources

/// Where an agent's resources come from, and where it says how they fare: manifests, or the Kubernetes API.
public protocol ResourceSource: Sendable {
  /// What changed, from now on.
  func changes() -> AsyncStream<ResourceChange>

  /// The names of all ExternalSecrets, and of those that are gone and have left something to be cleaned up.
  func externalSecretNames() async -> [ResourceName]

  /// The ExternalSecret and what was last said of it; nil when it is not there, or not this agent's.
  func externalSecret(_ name: ResourceName) async -> SourcedExternalSecret?

  /// The store. Throws NOT_FOUND, and FAILED_PRECONDITION when it cannot be used.
  func store(_ name: ResourceName) async throws(RPCError) -> FederationStoreResource

  /// The generator. Throws as ``store(_:)``.
  func generator(_ name: ResourceName) async throws(RPCError) -> FederationGeneratorResource

  /// An entry of a Secret. Throws NOT_FOUND.
  func secretValue(_ selector: SecretKeySelector) async throws(RPCError) -> SecretBytes

  /// An entry of a ConfigMap. Throws NOT_FOUND.
  func configMapValue(_ selector: SecretKeySelector) async throws(RPCError) -> String

  /// A token of a service account. Throws UNIMPLEMENTED where nobody can make one.
  func token(of account: ResourceName, audiences: [String]) async throws(RPCError) -> String

  /// Keeps what is to be said of an ExternalSecret, also for after a restart; gives it as it is then. Throws ABORTED when
  /// it has changed since it was read.
  @discardableResult
  func keep(
    _ status: ExternalSecretStatus, of secret: SourcedExternalSecret
  ) async throws(RPCError) -> SourcedExternalSecret

  /// Makes sure that the ExternalSecret does not go without its credentials being cleaned up, before any is issued; gives
  /// it as it is then.
  func holdForCleanup(_ secret: SourcedExternalSecret) async throws(RPCError) -> SourcedExternalSecret

  /// What was last said of an ExternalSecret that is gone.
  func remains(of name: ResourceName) async -> ExternalSecretStatus?

  /// Lets go of what remains of an ExternalSecret that is gone, or of one that is held for cleanup.
  func forget(_ name: ResourceName) async throws(RPCError)

  /// Tells a person who looks at the ExternalSecret.
  func record(_ event: ReconcileEvent, about secret: SourcedExternalSecret) async
}

/// What may have to be reconciled.
public enum ResourceChange: Sendable, Hashable {
  /// This ExternalSecret, or its target.
  case externalSecret(ResourceName)
  /// Whatever uses this store.
  case store(ResourceName)
  /// Everything may have changed.
  case everything
}

/// An ExternalSecret as it was read.
public struct SourcedExternalSecret: Sendable {
  /// Its name.
  public var name: ResourceName
  /// What it asks for; FAILED_PRECONDITION when it cannot be read.
  public var resource: Result<ExternalSecretResource, RPCError>
  /// What was last said of it.
  public var status: ExternalSecretStatus
  /// `metadata.uid`, empty outside Kubernetes.
  public var uid: String
  /// `apiVersion`, for references to it.
  public var apiVersion: String
  /// `metadata.resourceVersion`, empty outside Kubernetes.
  public var resourceVersion: String
  /// Whether it is on its way out, and waits for its credentials to be cleaned up.
  public var isDeleting: Bool

  /// Makes one; the defaults are those of a manifest.
  public init(
    name: ResourceName, resource: Result<ExternalSecretResource, RPCError>,
    status: ExternalSecretStatus = ExternalSecretStatus(), uid: String = "",
    apiVersion: String = "external-secrets.io/v1", resourceVersion: String = "", isDeleting: Bool = false
  ) {
    self.name = name
    self.resource = resource
    self.status = status
    self.uid = uid
    self.apiVersion = apiVersion
    self.resourceVersion = resourceVersion
    self.isDeleting = isDeleting
  }
}

/// One thing that happened to an ExternalSecret.
public struct ReconcileEvent: Sendable, Equatable {
  /// `Warning` in place of `Normal`.
  public var isWarning: Bool
  /// ESO's reason, for example `Updated`.
  public var reason: String
  /// One line, without a secret.
  public var message: String

  /// Makes an event.
  public init(isWarning: Bool = false, reason: String, message: String) {
    self.isWarning = isWarning
    self.reason = reason
    self.message = message
  }
}
