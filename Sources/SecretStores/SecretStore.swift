import FederationAPI

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
}

/// A place that secrets are read from.
public protocol SecretStore: Sendable {
  /// Reads one value.
  ///
  /// Fails with NOT_FOUND for a missing key, version or property, INVALID_ARGUMENT for a version that no value of
  /// this store can have, FAILED_PRECONDITION for a property of a value that is not JSON, DATA_LOSS for damaged
  /// data and UNAVAILABLE when the store cannot be read now.
  func read(_ reference: SecretReference) -> Reply<SecretBytes>
}

/// A store whose values are all in memory.
public protocol MemoryStore: SecretStore, AnyObject {
  /// The newest whole value of `key`, or nil when ``SecretStore/read(_:)`` would not give one. Never allocates.
  func valueInMemory(_ key: RawSpan) -> SecretBytes?
}

extension RPCError {
  static func noSecret(_ reference: SecretReference) -> RPCError {
    RPCError(.notFound, "no secret \"\(reference.key)\" in store \"\(reference.store)\"")
  }

  static func noVersion(_ version: String, _ reference: SecretReference) -> RPCError {
    RPCError(.notFound, "no version \"\(version)\" of secret \"\(reference.key)\" in store \"\(reference.store)\"")
  }
}
