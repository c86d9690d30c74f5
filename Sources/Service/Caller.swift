import FederationAPI
import Identity

/// A verified identity under one snapshot, with what it was found to be allowed to read.
final class Caller {
  /// That of ``LoopAnswers`` when it was found out.
  let epoch: UInt64
  let expiresAtSeconds: Int64
  /// When it has to be asked for again, since keys behind it may be withdrawn by then.
  let goodUntil: MonotonicTime
  /// Its own on its event loop.
  let serial: UInt64
  /// How many calls it may make.
  let lease: CallLease
  /// The stores in ``LoopAnswers/stores`` that it may read, a bit each; those that nobody asked for are not there yet.
  private var readable: UInt64 = 0
  private let known: KnownIdentity

  /// Who it is.
  var identity: VerifiedIdentity { known.identity }

  init(_ known: KnownIdentity, epoch: UInt64, serial: UInt64, lease: CallLease) {
    self.known = known
    self.epoch = epoch
    self.serial = serial
    self.lease = lease
    expiresAtSeconds = known.expiresAtSeconds
    goodUntil = known.goodUntil
  }

  /// Whether it may read the store at `index`, of which `snapshot` is asked the first time.
  func mayRead(_ store: MemoryStores.Entry, at index: Int, _ snapshot: ServiceSnapshot) -> Bool {
    let bit: UInt64 = 1 << UInt64(index)
    if readable & bit != 0 { return true }
    guard snapshot.policy.allows(known.identity, store: store.name) else { return false }
    readable |= bit
    return true
  }
}
