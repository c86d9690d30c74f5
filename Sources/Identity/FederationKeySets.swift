import Crypto
import FederationAPI

/// All key sets of one federation, by the bundle that its TLS was verified with.
///
/// The caller names the bundle, so that their number is bounded, and one that verified no token never takes the
/// place of one that did as long as there is another to drop.
struct FederationKeySets {
  /// A fetch to launch, now or when its turn comes.
  struct Start {
    let fingerprint: [UInt8]
    /// The bundle behind the fingerprint, nil for the system's roots.
    let caCertificates: [UInt8]?
    let credential: BearerCredential?
    let flight = KeySetFlight()
  }

  /// Stands for the system's roots where others have the fingerprint of a bundle.
  static let systemRoots: [UInt8] = []

  var entries: [[UInt8]: KeySetEntry] = [:]
  /// How many fetches are under way.
  private var running = 0
  /// Fetches past the limit, first come first served.
  private var queued: [Start] = []

  /// Whether anything is being fetched.
  var isFetching: Bool { running > 0 }

  /// The set that serves a caller without a bundle best: one that has the key, then one that verified tokens before.
  func preferredFingerprint(_ keyID: String, now: MonotonicTime, settings: AuthenticatorSettings) -> [UInt8] {
    func merit(_ entry: KeySetEntry) -> (Int, Int, MonotonicTime) {
      (entry.usableKeys(keyID, now: now, settings: settings).isEmpty ? 0 : 1, entry.rank, entry.lastUsedAt)
    }
    // Nearly always there is one set, and nothing to weigh.
    if entries.count == 1 {
      let only = entries.startIndex
      return entries.values[only].rank > 0 ? entries.keys[only] : Self.systemRoots
    }
    let best = entries.filter { $0.value.rank > 0 }.max { merit($0.value) < merit($1.value) }
    return best?.key ?? Self.systemRoots
  }

  /// Makes room for one more entry; false when all are being fetched.
  mutating func makeRoom(maximum: Int) -> Bool {
    guard entries.count >= maximum else { return true }
    let idle = entries.filter { $0.value.flight == nil }
    let victim = idle.min { ($0.value.rank, $0.value.lastUsedAt) < ($1.value.rank, $1.value.lastUsedAt) }
    guard let victim else { return false }
    entries[victim.key] = nil
    return true
  }

  /// The fetch to launch now; nil when it has to wait for its turn.
  mutating func begin(_ start: Start, maximum: Int) -> Start? {
    guard running < maximum else {
      queued.append(start)
      return nil
    }
    running += 1
    return start
  }

  /// Ends one fetch and gives the next one to launch.
  mutating func end() -> Start? {
    guard queued.isEmpty else { return queued.removeFirst() }
    running -= 1
    return nil
  }
}

/// A caller's token that may be shown to the federation it came from.
struct BearerCredential: Sendable {
  let token: String
  /// SHA-256 of the token, made when asked for: most tokens need no fetch.
  var digest: [UInt8] { SHA256.digest(token) }
}
