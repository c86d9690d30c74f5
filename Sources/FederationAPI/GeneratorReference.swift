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

  /// Whether all three names are the same bytes: Swift's own `==` takes U+212A KELVIN SIGN for a `K`.
  public static func == (left: GeneratorReference, right: GeneratorReference) -> Bool {
    left.namespace.utf8.span.bytes.isEqual(to: right.namespace.utf8.span.bytes)
      && left.kind.utf8.span.bytes.isEqual(to: right.kind.utf8.span.bytes)
      && left.name.utf8.span.bytes.isEqual(to: right.name.utf8.span.bytes)
  }

  /// Hashes the names' bytes.
  public func hash(into hasher: inout Hasher) {
    for text in [namespace, kind, name] { hasher.combine(text.utf8.span.bytes.tableHash) }
  }
}
