/// A generator by its full name, as `allowedGenerators[]` of an Authorization and the routes name it.
public struct GeneratorReference: Hashable, Sendable, CustomStringConvertible {
  /// The generator's namespace.
  public var namespace: String
  /// For example `PostgreSql`.
  public var kind: String
  /// `metadata.name`.
  public var name: String

  /// Makes a reference.
  public init(namespace: String, kind: String, name: String) {
    self.namespace = namespace
    self.kind = kind
    self.name = name
  }

  /// For example `apps/Password/database`.
  public var description: String { "\(namespace)/\(kind)/\(name)" }
}
