import FederationAPI
import Generators

/// A configuration without generators.
struct NoGenerators: GeneratorSource {
  subscript(reference: GeneratorReference) -> ConfiguredGenerator? { nil }
  func generator(snapshot: String) throws(RPCError) -> any Generator {
    throw RPCError(.failedPrecondition, "there are no generators here")
  }
}
