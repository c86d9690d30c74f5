import FederationAPI
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
}
