/// The RPCs of `federation.v1.FederationService`, by their names on the wire.
public enum FederationMethod: String, Sendable, CaseIterable {
  /// Fetches one secret value.
  case getSecret = "GetSecret"
  /// Binds the call's token to its connection.
  case authenticate = "Authenticate"
  /// Makes a credential for the caller.
  case generate = "Generate"
  /// Revokes what a generator made for the caller's own workload.
  case revokeSelf = "RevokeSelf"
  /// Revokes every credential of an owner in one namespace.
  case revokeCredentials = "RevokeCredentials"
  /// Fetches many secrets, each with its own result.
  case batchGetSecrets = "BatchGetSecrets"
  /// Streams values and their changes.
  case watchSecrets = "WatchSecrets"
  /// Resolves the data of an ExternalSecret.
  case resolveExternalSecret = "ResolveExternalSecret"

  /// The service's full proto name.
  public static let service = "federation.v1.FederationService"
}
