import Synchronization

/// One question's place in the line for a backend. It may stand there for several parties who want the same answer, and
/// has its turn with whichever of them comes first.
final class LinePlace: Sendable {
  /// Told true when it has a slot.
  let turn = OneAnswer<Bool>()
  private let all: Mutex<Set<Int?>>

  /// A place of one party: an identity's ``FederationAPI/VerifiedIdentity/shareName``, nil for those of no caller.
  init(of party: Int?) { all = Mutex([party]) }

  var parties: Set<Int?> { all.withLock { $0 } }

  /// False when it stands there for `party` already.
  func add(_ party: Int?) -> Bool { all.withLock { $0.insert(party).inserted } }
}
