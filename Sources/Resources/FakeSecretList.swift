/// The secrets of one store in the order of the manifest, with a table by which one that is given twice is found.
///
/// A store may hold a million secrets: a dictionary of their names would take more memory than the names.
struct FakeSecretList {
  private(set) var secrets: [FakeSecret] = []
  private var lines: [Int32] = []
  /// Positions in `secrets` by the hash of key and version, -1 where there is none; never more than half full.
  private var table: [Int32]
  private let mask: Int

  /// Holds up to `capacity` secrets.
  init(capacity: Int) {
    var slots = 2
    while slots < capacity * 2 { slots *= 2 }
    table = Array(repeating: -1, count: slots)
    mask = slots - 1
    secrets.reserveCapacity(capacity)
    lines.reserveCapacity(capacity)
  }

  /// Adds a secret and gives the line of the last one before it that has its key and version.
  mutating func append(_ secret: FakeSecret, line: Int) -> Int? {
    secrets.append(secret)
    lines.append(Int32(clamping: line))
    let position = Int32(secrets.count - 1)
    var slot = Self.hash(secret) & mask
    while table[slot] >= 0 {
      let earlier = Int(table[slot])
      if secrets[earlier].key == secret.key && secrets[earlier].version == secret.version {
        table[slot] = position
        return Int(lines[earlier])
      }
      slot = (slot + 1) & mask
    }
    table[slot] = position
    return nil
  }

  private static func hash(_ secret: FakeSecret) -> Int {
    var hasher = Hasher()
    hasher.combine(secret.key)
    hasher.combine(secret.version)
    return hasher.finalize()
  }
}
