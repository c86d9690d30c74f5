import FederationAPI

/// Where configured generators are found: the manifests of one snapshot.
public protocol GeneratorSource: Sendable {
  /// The generator of exactly that name, or nil when the configuration has none.
  subscript(reference: GeneratorReference) -> ConfiguredGenerator? { get }

  /// The generator of a manifest that was kept with a credential, `GeneratorResource.snapshot`, for the cleanup of what
  /// was made under it. Throws when the manifest is damaged or this version cannot use it.
  func generator(snapshot: String) throws(RPCError) -> any Generator
}

extension GeneratorRegistry: GeneratorSource {}
