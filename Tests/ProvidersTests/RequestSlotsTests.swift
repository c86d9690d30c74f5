import FederationAPI
import Synchronization
import TestSupport
import Testing

@testable import Providers

@Suite(.timeLimit(.minutes(1))) struct RequestSlotsTests {
  /// The one slot, taken until ``letGo()``.
  private struct Taken {
    let slots = RequestSlots(1)
    private let gate = OneAnswer<Bool>()
    private let task: Task<Bool?, Never>

    init() async {
      let entered = OneAnswer<Bool>()
      task = Task { [slots, gate] in
        await slots.run(by: .in(60)) {
          entered.tell(true)
          return await gate.wait(givenUp: false)
        }
      }
      _ = await entered.wait(givenUp: false)
    }

    func letGo() async {
      gate.tell(true)
      #expect(await task.value == true)
    }

    func queue(_ count: Int) async {
      while slots.waiting != count, !Task.isCancelled { await Task.yield() }
    }
  }

  @Test("the next in line has its turn when one ends; who was cancelled is passed over")
  func turns() async {
    let taken = await Taken()
    let slots = taken.slots
    let leaver = Task { await slots.run(by: .in(60)) { true } }
    await taken.queue(1)
    let next = Task { await slots.run(by: .in(60)) { true } }
    await taken.queue(2)
    leaver.cancel()
    #expect(await leaver.value == nil)
    #expect(slots.waiting == 1)
    await taken.letGo()
    #expect(await next.value == true)
    #expect(await slots.run(by: .now) { 1 } == 1)
  }

  @Test("a line that never drains keeps nobody whose deadline has passed")
  func deadlines() async {
    let taken = await Taken()
    let slots = taken.slots
    let last = Task { await slots.run(by: .in(60)) { true } }
    await taken.queue(1)
    for _ in 0..<1_000 { #expect(await slots.run(by: .now) { true } == nil) }
    #expect(slots.waiting == 1)
    await taken.letGo()
    #expect(await last.value == true)
  }

  private final class Order: Sendable { let names = Mutex<[String]>([]) }

  @Test("parties have their turns one after the other, and a place of two the earlier of both")
  func parties() async {
    let taken = await Taken()
    let slots = taken.slots
    let order = Order()
    var (tasks, places) = ([Task<Void?, Never>](), [LinePlace]())
    let all: [(String, Int?)] = [
      ("a0", 1), ("a1", 1), ("a2", 1), ("a3", 1), ("b0", 2), ("b1", 2), ("none", nil),
    ]
    for (number, (name, party)) in all.enumerated() {
      let place = LinePlace(of: party)
      places.append(place)
      tasks.append(Task { await slots.run(by: .in(60), at: place) { order.names.withLock { $0.append(name) } } })
      await taken.queue(number + 1)
    }
    slots.join(places[3], 3)
    slots.join(places[3], 3)
    #expect(slots.waiting == 8)
    await taken.letGo()
    for task in tasks { _ = await task.value }
    #expect(order.names.withLock { $0 } == ["a0", "b0", "none", "a3", "a1", "b1", "a2"])
    #expect(slots.waiting == 0)
  }
}
