import Testing

@testable import Service

@Suite struct FairRoomTests {
  /// How many of `count` tries to take one succeed.
  private func taken(_ room: inout FairRoom, by owner: Int, _ count: Int = 1) -> Int {
    var taken = 0
    for _ in 0..<count where room.has(1, for: owner) {
      room.take(1, by: owner)
      taken += 1
    }
    return taken
  }

  @Test("one identity may have the first half, and others what is left")
  func fair() {
    var room = FairRoom(80)
    let heavy = taken(&room, by: 1, 80)
    let others = (2..<6).map { taken(&room, by: $0, 11) }
    let late = taken(&room, by: 7)
    #expect(heavy == 40 && others == [10, 10, 10, 10] && late == 0)
    // What is given back is the next one's, not the heavy one's again.
    room.giveBack(5, by: 1)
    let (again, next) = (taken(&room, by: 1), taken(&room, by: 7))
    #expect(again == 0 && next == 1)
  }

  @Test("no amount is too large to be refused")
  func large() {
    var room = FairRoom(.max)
    room.take(1, by: 1)
    #expect(!room.has(.max, for: 1) && !room.has(.max - 1, for: 1) && room.has(1 << 61, for: 1))
  }

  @Test("a room for one has one, again and again, whoever's it is")
  func smallest() {
    var room = FairRoom(1)
    for owner in 0..<3 {
      let count = taken(&room, by: owner, 2)
      #expect(count == 1)
      room.giveBack(1, by: owner)
    }
    room.giveBack(1, by: 9)
    let count = taken(&room, by: 1, 2)
    #expect(count == 1, "who has nothing gives nothing back")
  }
}
