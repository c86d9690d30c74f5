import FederationAPI
import Resources

/// Gives the values that stand in its manifest.
struct FakeGenerator: TracelessGenerator {
  private let data: GeneratedValues

  init(_ spec: FakeSpec) { data = spec.data }

  func values() async throws(RPCError) -> GeneratedValues { data }
}
