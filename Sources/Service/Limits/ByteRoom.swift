import FederationAPI
import Synchronization

/// Room for what calls hold as long as they wait: the texts of requests, or values that were read while others are waited
/// for.
final class ByteRoom: Sendable {
  private let room: Mutex<FairRoom>

  /// For `bytes` at a time.
  init(bytes: Int) { room = Mutex(FairRoom(bytes)) }

  /// What a call of `identity` will hold.
  func share(of identity: VerifiedIdentity) -> Share { Share(self, identity.shareName) }

  /// Counts `bytes` of `caller` while `reply` waits; without room for them it is refused. Answers that are ready cost nothing.
  func bound<Value>(_ reply: Reply<Value>, of caller: CallerBudget, _ bytes: () -> Int) -> Reply<Value> {
    guard case .pending(let work) = reply else { return reply }
    let share = Share(self, Int(bitPattern: ObjectIdentifier(caller)))
    let bytes = bytes()
    return .pending {
      guard share.take(bytes) else { return .failure(.serverBusy) }
      defer { share.giveBack() }
      return await work()
    }
  }

  /// What one call holds.
  final class Share: Sendable {
    private let room: ByteRoom
    private let owner: Int
    private let taken = Atomic<Int>(0)

    fileprivate init(_ room: ByteRoom, _ owner: Int) {
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
