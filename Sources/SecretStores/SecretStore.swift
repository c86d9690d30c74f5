import FederationAPI

/// A place that secrets are read from.
public protocol SecretStore: Sendable {
  /// Reads one value.
  ///
  /// Fails with NOT_FOUND for a missing key, version or property, INVALID_ARGUMENT for a version that no value of
  /// this store can have, FAILED_PRECONDITION for a property of a value that is not JSON, DATA_LOSS for damaged
  /// data and UNAVAILABLE when the store cannot be read now.
  func read(_ reference: SecretReference) -> Reply<SecretBytes>

  /// As ``read(_:)``, for a call of `caller` that asks something of the values' age, or wants to know of it.
  ///
  /// Fails with RESOURCE_EXHAUSTED, too, when the caller has too many reads that wait for the store.
  func read(
    _ reference: SecretReference, _ freshness: ReadFreshness?, for caller: VerifiedIdentity?
  ) -> Reply<SecretBytes>

  /// Names the newest value of every key of `store`, this store's own name, in no order.
  ///
  /// Fails with FAILED_PRECONDITION for a store that cannot tell its keys, RESOURCE_EXHAUSTED for one with more than
  /// 100,000, and else as ``read(_:)``.
  func list(_ store: String) -> Reply<[SecretReference]>

  /// Whether its keys have tags, by which ``list(_:_:)`` tells them apart.
  var hasTags: Bool { get }

  /// As ``list(_:)``, of the keys that have every tag of `filter`.
  ///
  /// Fails with FAILED_PRECONDITION for a store without ``hasTags``, and INVALID_ARGUMENT for tags that no key of it can
  /// have, too.
  func list(_ store: String, _ filter: TagFilter) -> Reply<[SecretReference]>

  /// How it becomes known that values may have changed.
  var changes: StoreChanges { get }
}

extension SecretStore {
  /// Values of no age, for whoever asks.
  public func read(
    _ reference: SecretReference, _ freshness: ReadFreshness?, for caller: VerifiedIdentity?
  ) -> Reply<SecretBytes> { read(reference) }

  /// Only reading tells.
  public var changes: StoreChanges { .untold }

  /// FAILED_PRECONDITION.
  public func list(_ store: String) -> Reply<[SecretReference]> {
    .ready(.failure(RPCError(.failedPrecondition, "store \"\(store)\" cannot list its keys, which find needs")))
  }

  /// None.
  public var hasTags: Bool { false }

  /// FAILED_PRECONDITION.
  public func list(_ store: String, _ filter: TagFilter) -> Reply<[SecretReference]> {
    .ready(.failure(.noTags(store)))
  }
}

/// A store whose values are all in memory.
public protocol MemoryStore: SecretStore, AnyObject {
  /// The newest whole value of `key`, or nil when ``SecretStore/read(_:)`` would not give one. Never allocates.
  func valueInMemory(_ key: RawSpan) -> SecretBytes?
}

/// Keys that a store may have to be listed: each caller's list takes memory of its own.
package let maximumListedKeys = 100_000

extension RPCError {
  /// A find by tags names a store whose keys have none.
  package static func noTags(_ store: String) -> RPCError {
    RPCError(.failedPrecondition, "store \"\(store)\" has no tags to find by")
  }

  package static func tooManyKeys(_ store: String) -> RPCError {
    RPCError(.resourceExhausted, "store \"\(store)\" has more than \(maximumListedKeys) keys, too many to find among")
  }

  package static func noSecret(_ reference: SecretReference) -> RPCError {
    RPCError(.notFound, "no secret \"\(reference.key)\" in store \"\(reference.store)\"")
  }

  package static func noVersion(_ version: String, _ reference: SecretReference) -> RPCError {
    RPCError(.notFound, "no version \"\(version)\" of secret \"\(reference.key)\" in store \"\(reference.store)\"")
  }
}
