import Testing

@testable import Transport

@Suite struct WaitingLineTests {
  /// Says how many of its kind there are.
  private final class Guest {
    let number: Int
    let count: Count
    init(_ number: Int, _ count: Count) {
      self.number = number
      self.count = count
      count.value += 1
    }
    deinit { count.value -= 1 }
  }

  private final class Count { var value = 0 }

  @Test("who comes first is served first, while others come, and who was served is let go of")
  func order() {
    let count = Count()
    var line = WaitingLine<Guest>()
    #expect(line.isEmpty && line.popFirst() == nil)
    var served: [Int] = []
    for number in 0..<1_000 {
      line.append(Guest(number, count))
      if number % 2 == 1, let guest = line.popFirst() { served.append(guest.number) }
    }
    #expect(count.value <= 1_000)
    while let guest = line.popFirst() { served.append(guest.number) }
    #expect(served == Array(0..<1_000))
    #expect(line.isEmpty && count.value == 0)
  }
}
