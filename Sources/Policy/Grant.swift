import FederationAPI
import Resources

/// What one subject of one federation may do.
struct Grant: Sendable {
  private(set) var stores: Set<String>
  private(set) var generators: Set<GeneratorReference>
  private(set) var generatorStates: Set<String>

  init(_ authorization: Authorization) {
    stores = Set(authorization.allowedClusterSecretStores)
    generators = Set(authorization.allowedGenerators)
    generatorStates = Set(authorization.allowedGeneratorStates)
  }

  mutating func add(_ authorization: Authorization) {
    stores.formUnion(authorization.allowedClusterSecretStores)
    generators.formUnion(authorization.allowedGenerators)
    generatorStates.formUnion(authorization.allowedGeneratorStates)
  }
}

/// A grant with the federation that it hangs on: a token may only use those of a federation whose keys verified it.
///
/// A class, so that the many subjects that one federation lets do the same share one.
final class FederationGrant: Sendable {
  let federation: FederationReference
  let grant: Grant
  /// The federation as a set: asked for with each new token, so that it is not made each time.
  let alone: Set<FederationReference>

  init(_ authorization: Authorization) {
    federation = authorization.federationRef
    grant = Grant(authorization)
    alone = [federation]
  }
}
