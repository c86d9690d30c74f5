import FederationAPI
import Synchronization

/// Identities of tokens that were verified, until the tokens expire or the trust changes.
///
/// TokenDigested by digest of token and bundle, so that no caller sees another's entry and no token is kept in memory.
final class VerifiedTokenCache: Sendable {
  private struct Entry {
    var known: KnownIdentity
    /// Set when a federation could not be asked and may add to the identity later.
    var isFinal: Bool
    var insertedAt: MonotonicTime
  }

  /// A lock for itself, so that event loops seldom meet at one.
  private final class Shard: Sendable {
    struct State {
      var entries: LeastRecentlyUsedCache<TokenDigest, Entry>
      var generation: UInt64 = 0
    }

    let state: Mutex<State>
    init(maximumCost: Int) { state = Mutex(State(entries: LeastRecentlyUsedCache(maximumCost: maximumCost))) }
  }

  /// How long an identity is kept that is not final.
  static let provisionalSeconds = 30.0
  /// A power of two.
  private static let shardCount = 16
  private let shards: [Shard]

  init(maximumBytes: Int) {
    shards = (0..<Self.shardCount).map { _ in Shard(maximumCost: maximumBytes / Self.shardCount) }
  }

  /// The identity, unless its token has expired at `wallSeconds` or another generation verified it.
  func identity(_ key: TokenDigest, generation: UInt64, wallSeconds: Int64, now: MonotonicTime) -> VerifiedIdentity? {
    entry(key, generation: generation, wallSeconds: wallSeconds, now: now)?.known.identity
  }

  /// As ``identity(_:generation:wallSeconds:now:)``, but only an identity that can be kept as long as its token is
  /// valid: no federation may add to it later.
  func finalIdentity(
    _ key: TokenDigest, generation: UInt64, wallSeconds: Int64, now: MonotonicTime
  ) -> KnownIdentity? {
    guard let entry = entry(key, generation: generation, wallSeconds: wallSeconds, now: now), entry.isFinal
    else { return nil }
    return entry.known
  }

  private func entry(_ key: TokenDigest, generation: UInt64, wallSeconds: Int64, now: MonotonicTime) -> Entry? {
    shard(key).state.withLock { state in
      guard state.generation == generation, let entry = state.entries.value(for: key) else { return nil }
      let isExpired = TokenClaims.isExpired(entry.known.expiresAtSeconds, now: wallSeconds)
      let isOutdated = !entry.isFinal && now > entry.insertedAt.advanced(bySeconds: Self.provisionalSeconds)
      guard !isExpired, !isOutdated else {
        state.entries.remove(key)
        return nil
      }
      return entry
    }
  }

  /// Forgets whom the token speaks for.
  func remove(_ key: TokenDigest) { shard(key).state.withLock { $0.entries.remove(key) } }

  /// Remembers whom the token speaks for.
  func insert(_ known: KnownIdentity, isFinal: Bool, for key: TokenDigest, generation: UInt64, now: MonotonicTime) {
    shard(key).state.withLock { state in
      guard generation >= state.generation else { return }
      if generation > state.generation {
        state.entries.removeAll()
        state.generation = generation
      }
      let entry = Entry(known: known, isFinal: isFinal, insertedAt: now)
      state.entries.insert(entry, for: key, cost: Self.cost(of: known.identity))
    }
  }

  /// An upper estimate of an entry's memory in bytes, with the tables' own share.
  static func cost(of identity: VerifiedIdentity) -> Int {
    var bytes = 704 + identity.provider.utf8.count + identity.subject.utf8.count
    if let workload = identity.kubernetes {
      bytes += workload.namespace.utf8.count
      bytes += workload.serviceAccount.name.utf8.count + workload.serviceAccount.uid.utf8.count
      if let pod = workload.pod { bytes += pod.name.utf8.count + pod.uid.utf8.count }
    }
    return bytes + identity.federations.reduce(0) { $0 + 128 + $1.kind.utf8.count + $1.name.utf8.count }
  }

  /// How many identities are held, for tests and metrics.
  var count: Int { shards.reduce(0) { $0 + $1.state.withLock { $0.entries.count } } }

  private func shard(_ key: TokenDigest) -> Shard {
    shards[Int(truncatingIfNeeded: key.words.1) & (Self.shardCount - 1)]
  }
}
