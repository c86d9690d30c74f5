import FederationAPI
import Synchronization

/// Room for the values that calls for several secrets hold until they are answered: one backend that hangs holds up what was
/// read of all others.
final class ValueRoom: Sendable {
  private let room: Mutex<FairRoom>

  /// For `bytes` at a time.
  init(bytes: Int) { room = Mutex(FairRoom(bytes)) }

  /// What a call of `identity` will hold.
  func share(of identity: VerifiedIdentity) -> Share { Share(self, CallerBudgets.name(of: identity)) }

  /// What one call holds.
  final class Share: Sendable {
    private let room: ValueRoom
    private let owner: Int
    private let taken = Atomic<Int>(0)

    fileprivate init(_ room: ValueRoom, _ owner: Int) {
      self.room = room
      self.owner = owner
    }

    /// Takes `bytes` more; false when there is no room for them.
    func take(_ bytes: Int) -> Bool {
      let isTaken = room.room.withLock { room in
        guard room.has(bytes, for: owner) else { return false }
        room.take(bytes, by: owner)
        return true
      }
      if isTaken { taken.add(bytes, ordering: .relaxed) }
      return isTaken
    }

    /// Gives back all that was taken: the call is answered.
    func giveBack() {
      let bytes = taken.exchange(0, ordering: .relaxed)
      if bytes > 0 { room.room.withLock { $0.giveBack(bytes, by: owner) } }
    }
  }
}

extension RPCError {
  /// What a value is replaced by that there is no room for.
  static let noRoomForValue = RPCError(
    .resourceExhausted, "server busy: calls for several secrets hold too many values; retry later, or ask for it alone",
    retryAfterSeconds: 1)
}
