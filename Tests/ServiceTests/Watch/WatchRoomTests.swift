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

  private let one = WatchRoom.Usage(watches: 1, references: 1, bytes: 1)

  /// How many of `count` tries succeed.
  private func taken(_ room: inout WatchRoom, by owner: Int, _ count: Int = 1) -> Int {
    var taken = 0
    for _ in 0..<count where room.take(one, by: owner) { taken += 1 }
    return taken
  }

  @Test("one identity may have the first half, and others what is left")
  func fair() {
    var room = room(80, 1_000, 1_000)
    let heavy = taken(&room, by: 1, 80)
    let others = (2..<6).map { taken(&room, by: $0, 11) }
    let late = taken(&room, by: 7)
    #expect(heavy == 40 && others == [10, 10, 10, 10] && late == 0)
    // What is given back is the next one's, not the heavy one's again.
    for _ in 0..<5 { room.giveBack(one, by: 1) }
    let (again, next) = (taken(&room, by: 1), taken(&room, by: 7))
    #expect(again == 0 && next == 1)
  }

  @Test(
    "each of watches, references and bytes is bounded, and what is refused takes nothing",
    arguments: [(101, 1, 1), (1, 101, 1), (1, 1, 101)])
  func dimensions(watches: Int, references: Int, bytes: Int) {
    var room = room(100, 100, 100)
    let isTaken = room.take(.init(watches: watches, references: references, bytes: bytes), by: 1)
    let rest = taken(&room, by: 1, 100)
    #expect(!isTaken && rest == 50)
  }

  @Test("a room for one watch has it, again and again, whoever's it is")
  func smallest() {
    var room = room(1, 1, 1)
    for owner in 0..<3 {
      let count = taken(&room, by: owner, 2)
      #expect(count == 1)
      room.giveBack(one, by: owner)
    }
  }
}
