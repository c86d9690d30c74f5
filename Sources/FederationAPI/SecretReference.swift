/// Names one value: a key in a store, optionally one version of it and one property of its JSON.
public struct SecretReference: Hashable, Sendable {
  /// Name of the ClusterSecretStore.
  public var store: String
  /// Key of the secret in the store.
  public var key: String
  /// A path into the value, which then has to be JSON; nil for the whole value.
  public var property: String?
  /// A version as the store writes them; nil for the newest.
  public var version: String?

  /// Makes a reference.
  public init(store: String, key: String, property: String? = nil, version: String? = nil) {
    self.store = store
    self.key = key
    self.property = property
    self.version = version
  }

  private var texts: [String?] { [store, key, property, version] }

  /// Whether all four are the same bytes: Swift's own `==` takes U+212A KELVIN SIGN for a `K`.
  public static func == (left: SecretReference, right: SecretReference) -> Bool {
    zip(left.texts, right.texts).allSatisfy { left, right in
      switch (left, right) {
      case (nil, nil): true
      case (let left?, let right?): left.utf8.span.bytes.isEqual(to: right.utf8.span.bytes)
      default: false
      }
    }
  }

  /// Hashes the bytes, with a seed: callers choose them, a thousand at once.
  public func hash(into hasher: inout Hasher) {
    for text in texts {
      // The length first, so that no text can hold what separates it from the next.
      hasher.combine(text.map(\.utf8.count) ?? -1)
      text?.utf8.span.bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
  }
}
