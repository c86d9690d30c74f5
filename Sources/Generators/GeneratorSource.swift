import FederationAPI

/// Where configured generators are found: the manifests of one snapshot.
public protocol GeneratorSource: Sendable {
  /// The generator that the manifests define under that name, nil when there is none.
  func generator(_ reference: GeneratorReference) -> ConfiguredGenerator?

  /// The generator as it was configured when `snapshot` was taken, ``ConfiguredGenerator/snapshot``, for the cleanup of
  /// what it made then. Throws FAILED_PRECONDITION when it cannot be made any more.
  func generator(snapshot: String) throws(RPCError) -> any Generator
}

/// A generator and what its manifest says besides.
public struct ConfiguredGenerator: Sendable {
  /// Makes the credentials.
  public var generator: any Generator
  /// The manifest as JSON, from which ``GeneratorSource/generator(snapshot:)`` makes the same generator again.
  public var snapshot: String
  /// How long a credential lives, in seconds; nil for the server's default.
  public var leaseSeconds: Int64?

  /// Makes a configured generator.
  public init(generator: any Generator, snapshot: String, leaseSeconds: Int64?) {
    self.generator = generator
    self.snapshot = snapshot
    self.leaseSeconds = leaseSeconds
  }
}
