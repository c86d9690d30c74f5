import FederationAPI

/// Which stream ids a client has used, and which of its refused streams may still send.
struct StreamIDs {
  private var last: UInt32 = 0
  private var refused: Set<UInt32> = []

  /// Refused streams that are remembered; Data of further ones is answered as Data of unknown streams.
  private static let maximumRefused = 1_024

  /// Whether ``open(_:)`` would take `id`.
  func mayOpen(_ id: UInt32) -> Bool { id % 2 == 1 && id > last }

  /// Takes `id` for a new stream, or says why it cannot be one.
  mutating func open(_ id: UInt32) -> RPCError? {
    guard id % 2 == 1 else {
      return RPCError(.invalidArgument, "stream id \(id) is even; a client opens odd ones")
    }
    guard id > last else {
      return RPCError(.invalidArgument, "stream id \(id) is not larger than \(last), the last one")
    }
    last = id
    return nil
  }

  /// Data that comes on a refused stream until its end is swallowed: it was sent before the refusal arrived.
  mutating func refuse(_ id: UInt32) {
    if refused.count < StreamIDs.maximumRefused { refused.insert(id) }
  }

  /// Whether Data on `id` is to be swallowed; `isEnd` is its last.
  mutating func swallows(_ id: UInt32, isEnd: Bool) -> Bool {
    isEnd ? refused.remove(id) != nil : refused.contains(id)
  }
}
