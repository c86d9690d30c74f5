import Foundation
import Logging
import Testing

@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct LoopQuestionTests {
  private let group: EventLoopGroup

  init() throws { group = try EventLoopGroup(loops: 3, log: Log(level: .error)) }

  @Test("each loop answers for itself, in an order that stays, and one that has ended says so")
  func answers() async {
    let first = await group.ask(within: 60) { ObjectIdentifier($0.loop) }
    let again = await group.ask(within: 60) { ObjectIdentifier($0.loop) }
    #expect(first == again)
    #expect(!first.contains(.late) && !first.contains(.ended))
    #expect(first[0] != first[1] && first[1] != first[2] && first[0] != first[2])
    await group.shutDown(graceSeconds: 0)
    #expect(await group.ask(within: 60) { _ in true } == [.ended, .ended, .ended])
  }

  @Test("loops that do not come to it are not waited for, and are there again afterwards")
  func late() async {
    let gate = DispatchSemaphore(value: 0)
    let asked = await group.ask(within: 0.01) { _ in
      gate.wait()
      return true
    }
    #expect(asked == [.late, .late, .late])
    for _ in 0..<3 { gate.signal() }
    #expect(await group.ask(within: 60) { _ in true } == [.given(true), .given(true), .given(true)])
    await group.shutDown(graceSeconds: 0)
  }
}
