import FederationAPI

/// `spec` of a generator of kind `Fake`: values that stand in the manifest, for trying things out.
public struct FakeSpec: Sendable, Equatable {
  /// The values by output key, which is at most 253 characters of `[-._a-zA-Z0-9]`.
  public var data: [String: SecretBytes]

  /// Makes a spec without checking it.
  public init(data: [String: SecretBytes]) { self.data = data }
}
