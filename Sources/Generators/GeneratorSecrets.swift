import FederationAPI
import Resources

/// The Secrets of one configuration snapshot, as generators look them up.
public struct GeneratorSecrets: Sendable {
  private let secrets: ManifestSecrets

  /// Looks Secrets up in `secrets`.
  public init(_ secrets: ManifestSecrets) { self.secrets = secrets }

  /// What `selector` names. Fails with FAILED_PRECONDITION when no manifest defines it; the message names no Secret, as
  /// callers see it: the load of the manifests told the operator which one is missing.
  public func value(_ selector: SecretKeySelector) throws(RPCError) -> SecretBytes {
    guard let value = secrets[selector] else { throw .missingSecret }
    return value
  }

  /// Fails as ``value(_:)`` when any of `needs` is not there.
  func check(_ needs: Set<SecretNeed>) throws(RPCError) {
    guard needs.allSatisfy(secrets.has) else { throw .missingSecret }
  }
}

extension RPCError {
  /// A generator's Secret is missing.
  static let missingSecret = RPCError(
    .failedPrecondition,
    "the generator refers to a Secret, or a key of one, that is not there; ask the server's operator to add it")
}
