import FederationAPI
import Resources

/// The Secrets of one configuration snapshot, as generators look them up.
public struct GeneratorSecrets: Sendable {
  private struct Name: Hashable {
    var namespace: [UInt8]
    var name: [UInt8]
  }

  private let secrets: [Name: [String: SecretBytes]]

  /// Arranges `secrets` for lookups; names are compared by bytes.
  public init(_ secrets: [SecretResource]) {
    self.secrets = Dictionary(
      secrets.map { (Name(namespace: Array($0.namespace.utf8), name: Array($0.name.utf8)), $0.values) },
      uniquingKeysWith: { _, last in last })
  }

  /// What `selector` names. Fails with FAILED_PRECONDITION when no manifest defines it; the message names no Secret, as
  /// callers see it: the load of the manifests told the operator which one is missing.
  public func value(_ selector: SecretKeySelector) throws(RPCError) -> SecretBytes {
    let name = Name(namespace: Array(selector.namespace.utf8), name: Array(selector.name.utf8))
    guard let value = secrets[name]?[selector.key] else {
      throw RPCError(
        .failedPrecondition,
        "the generator refers to a Secret, or a key of one, that is not there; ask the server's operator to add it")
    }
    return value
  }
}
