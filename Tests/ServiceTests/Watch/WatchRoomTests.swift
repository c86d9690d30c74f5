import Testing

@testable import Service

@Suite struct WatchRoomTests {
  private func room(_ watches: Int, _ references: Int, _ bytes: Int) -> WatchRoom {
    var settings = WatchSettings()
    settings.maximumWatches = watches
    settings.maximumReferences = references
    settings.maximumReferenceBytes = bytes
    return WatchRoom(settings)
  }

  @Test(
    "each of watches, references and bytes is bounded, what is refused takes nothing, and what is given back is there again",
    arguments: [(10, 1_000, 1_000), (1_000, 10, 1_000), (1_000, 1_000, 10)])
  func bounded(watches: Int, references: Int, bytes: Int) {
    var room = room(watches, references, bytes)
    let one = WatchRoom.Usage(references: 1, bytes: 1)
    for _ in 0..<2 {
      let taken = (0..<20).map { _ in room.take(one, by: 1) }
      #expect(taken == (0..<20).map { $0 < 5 })
      let others = (2..<9).map { room.take(one, by: $0) }
      #expect(others == [true, true, true, true, true, false, false])
      for owner in 2..<7 { room.giveBack(one, by: owner) }
      for _ in 0..<5 { room.giveBack(one, by: 1) }
    }
  }
}
