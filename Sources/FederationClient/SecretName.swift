/// Names one secret of a federation server: the store that holds it and its key there.
public struct SecretName: Hashable, Sendable, CustomStringConvertible {
  /// The ClusterSecretStore on the server.
  public var store: String
  /// The secret's key in the store, with any dots it has.
  public var key: String

  /// Makes a name.
  public init(store: String, key: String) {
    self.store = store
    self.key = key
  }

  /// As the injection flags write it, for example `vault.db-password`.
  public var description: String { "\(store).\(key)" }

  /// Reads `store.key`, split at the first dot; nil when there is no dot or a side of it is empty.
  public init?(parsing text: String) {
    guard let dot = text.firstIndex(of: ".") else { return nil }
    self.init(store: String(text[..<dot]), key: String(text[text.index(after: dot)...]))
    if store.isEmpty || key.isEmpty { return nil }
  }
}
