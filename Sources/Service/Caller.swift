import FederationAPI
import SecretStores

/// A verified identity under one snapshot, with the stores in memory that it was found to be allowed to read.
final class Caller {
  private struct ReadableStore {
    let name: [UInt8]
    let store: any MemoryStore
  }

  /// Grants beyond this many are looked up each time.
  private static let maximumStores = 32

  /// That of the snapshot.
  let generation: UInt64
  private let snapshot: ServiceSnapshot
  let expiresAtSeconds: Int64
  private let identity: VerifiedIdentity
  private var readable: [ReadableStore] = []

  init(_ identity: VerifiedIdentity, _ snapshot: ServiceSnapshot) {
    self.identity = identity
    self.snapshot = snapshot
    generation = snapshot.generation
    expiresAtSeconds = identity.expiresAtSeconds
  }

  /// The store of that name, if it keeps its values in memory and the caller may read it.
  func store(_ name: RawSpan) -> (any MemoryStore)? {
    for entry in readable where name.isEqual(to: entry.name) { return entry.store }
    guard let text = name.withUnsafeBytes({ String(validating: $0, as: UTF8.self) }),
      let store = snapshot.stores[text] as? any MemoryStore, snapshot.policy.allows(identity, store: text)
    else { return nil }
    if readable.count < Caller.maximumStores { readable.append(ReadableStore(name: Array(text.utf8), store: store)) }
    return store
  }
}
