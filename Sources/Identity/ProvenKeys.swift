import Crypto
import FederationAPI
import Synchronization

/// How far it is known that keys are still their federations'.
struct KeyStanding: Sendable {
  /// When the key sets have to be looked at again.
  var until: MonotonicTime
  /// ``KeySetCache/withdrawals`` when they were looked at.
  var withdrawals: UInt64

  /// What is known of both.
  func and(_ other: KeyStanding) -> KeyStanding {
    KeyStanding(until: min(until, other.until), withdrawals: min(withdrawals, other.withdrawals))
  }
}

/// The keys that proved an identity: it is good as long as all of them are their federations'.
///
/// What was signed stays signed, so the token itself is not needed to look again, and is not kept.
final class ProvenKeys: Sendable {
  struct Key: Sendable {
    let source: KeySetCache.Source
    /// The bundle that the set was asked for with.
    let bundle: CertificateBundle?
    let keyID: String
    let key: JSONWebKey
    /// Whether the token may be shown to the federation to get its keys.
    let takesCredential: Bool
  }

  let keys: [Key]
  private let known: Mutex<KeyStanding>

  init(_ keys: [Key], _ standing: KeyStanding) {
    self.keys = keys
    known = Mutex(standing)
  }

  /// How far it is known that the keys are good.
  var standing: KeyStanding { known.withLock { $0 } }

  /// Takes note of a later look.
  func note(_ standing: KeyStanding) { known.withLock { $0 = standing } }
}

extension KeySetCache {
  /// What a look at proven keys finds.
  enum Check: Sendable {
    case good
    /// A key is no longer its federation's, or nobody can say whether it is.
    case over
    /// With ``Effort/fetch``: look again when the flight is over.
    case wait(KeySetFlight)
    /// As ``Answer/busy``.
    case busy
  }

  /// Whether the keys that proved an identity are still their federations'. Without ``Effort/fetch`` keys that would have
  /// to be fetched for it are ``Check/over``. `token` is the one that they proved, nil when it is not there.
  func check(_ proof: ProvenKeys, effort: Effort, token: String? = nil) -> Check {
    if isKnownGood(proof.standing) { return .good }
    var standing: KeyStanding?
    for proven in proof.keys {
      let credential = proven.takesCredential ? token.map(BearerCredential.init) : nil
      let request = Request(
        source: proven.source, bundle: proven.bundle, keyID: proven.keyID, credential: credential)
      switch lookup(request, effort: effort) {
      case .keys(let keys, _, _, let found):
        guard keys.contains(where: { $0.isSame(as: proven.key) }) else { return .over }
        standing = standing?.and(found) ?? found
      case .refused, .needsFetch: return .over
      case .wait(let flight): return .wait(flight)
      case .busy: return .busy
      }
    }
    if let standing { proof.note(standing) }
    return .good
  }
}
