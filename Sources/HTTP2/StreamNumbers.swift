/// Which stream numbers a peer may still use in a HEADERS frame (RFC 9113 sections 5.1 and 5.1.1). nghttp2 drops what
/// comes on numbers that are gone; the RFC wants the connection ended, save for what crossed a reset on its way.
struct StreamNumbers {
  /// Resets that are remembered; past it, what is below the oldest forgotten one is dropped as nghttp2 does.
  static let remembered = 1_024

  private var highest: Int32 = 0
  private var wasReset: Set<Int32> = []
  private var order: [Int32] = []
  private var forgotten: Int32 = 0

  /// The peer opened a stream.
  mutating func opened(_ id: Int32) { highest = max(highest, id) }

  /// This side reset a stream, so that its peer may not have known yet what it sends.
  mutating func reset(_ id: Int32) {
    guard wasReset.insert(id).inserted else { return }
    order.append(id)
    guard order.count == 2 * StreamNumbers.remembered else { return }
    for old in order.prefix(StreamNumbers.remembered) {
      wasReset.remove(old)
      forgotten = max(forgotten, old)
    }
    order.removeFirst(StreamNumbers.remembered)
  }

  /// Whether HEADERS on `id`, which is no stream that is open, is a rule broken.
  func isStale(_ id: Int32) -> Bool {
    id % 2 == 1 && id <= highest && id > forgotten && !wasReset.contains(id)
  }
}
