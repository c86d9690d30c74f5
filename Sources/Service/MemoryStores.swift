import FederationAPI
import SecretStores

/// The stores of one snapshot that keep their values in memory and were asked for on this loop, in that order: callers
/// remember them by their place.
struct MemoryStores {
  struct Entry {
    let name: String
    let bytes: [UInt8]
    let store: any MemoryStore
  }

  /// As many as a caller has bits for; calls for further ones are asked of the service.
  static let maximumCount = 64
  private(set) var entries: [Entry] = []

  /// The place of the store of that name, nil when there is none, or none in memory.
  mutating func index(of name: RawSpan, in snapshot: ServiceSnapshot) -> Int? {
    for index in entries.indices where name.isEqual(to: entries[index].bytes) { return index }
    guard entries.count < MemoryStores.maximumCount,
      let text = name.withUnsafeBytes({ String(validating: $0, as: UTF8.self) }),
      let store = snapshot.stores[text] as? any MemoryStore
    else { return nil }
    entries.append(Entry(name: text, bytes: Array(text.utf8), store: store))
    return entries.count - 1
  }
}
