import FederationAPI

/// The values that watches hold, each content once, in memory of its own.
///
/// A value has many names: a property may be spelled with a backslash before any letter, an index with zeros before it. A
/// caller who watches all spellings of a large one costs no more than one who watches one. And what a store gives may be
/// part of a larger piece of memory, such as a manifest, which would be kept for as long as one value of it is watched.
struct SharedValues {
  private struct Content: Hashable {
    let value: SecretBytes

    func hash(into hasher: inout Hasher) {
      value.withBytes { bytes in bytes.hash(into: &hasher) }
    }
  }

  private var owners: [Content: Int] = [:]

  /// How many contents there are.
  var count: Int { owners.count }

  /// What is to be kept in place of `outcome`; given back by ``release(_:)``.
  mutating func hold(_ outcome: Result<SecretBytes, RPCError>) -> Result<SecretBytes, RPCError> {
    guard case .success(let value) = outcome else { return outcome }
    if let place = owners.index(forKey: Content(value: value)) {
      owners.values[place] += 1
      return .success(owners.keys[place].value)
    }
    let own = value.withBytes { bytes in SecretBytes(bytes) }
    owners[Content(value: own)] = 1
    return .success(own)
  }

  /// One of those who hold `outcome` lets go of it.
  mutating func release(_ outcome: Result<SecretBytes, RPCError>?) {
    guard case .success(let value)? = outcome, let place = owners.index(forKey: Content(value: value)) else { return }
    owners.values[place] -= 1
    if owners.values[place] == 0 { owners.remove(at: place) }
  }
}
