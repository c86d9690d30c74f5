import FederationAPI
import HTTP1
import Synchronization
import Transport

/// What one event loop has counted, or all together.
struct LoopReport: Sendable, Equatable {
  var connections = LoopCounts()
  var calls = CallTotals()
  /// Calls that were answered from memory on the loop, by the store's name.
  var memoryAnswers: [String: UInt64] = [:]

  /// Nothing.
  init() {}

  /// To be made on the loop.
  init(_ view: LoopView, _ wires: Wires) {
    connections = view.counts
    calls = (view.state(of: CallCounts.owner) as? CallCounts)?.totals ?? CallTotals()
    // Calls over HTTP/1 have a memory of their own.
    let rpc = wires.dispatcher.owner.flatMap { view.state(of: $0) as? any ImmediateAnswers }
    let http = wires.gateway.owner.flatMap { view.state(of: $0) as? any ImmediateResponder }?.source
    for answers in [rpc, http] {
      memoryAnswers.merge(answers?.answersByStore ?? [:], uniquingKeysWith: +)
    }
  }

  mutating func add(_ other: LoopReport) {
    connections.add(other.connections)
    calls.add(other.calls)
    memoryAnswers.merge(other.memoryAnswers, uniquingKeysWith: +)
  }

  /// What is left of a loop that has no connections any more.
  var ended: LoopReport {
    var ended = self
    ended.connections.forgetOpen()
    ended.calls.forgetConnections()
    return ended
  }
}

/// The last report of each loop. One that cannot report is taken to be where it was: a counter never goes back.
final class LoopReports: Sendable {
  private let last = Mutex<[LoopReport]>([])

  /// Takes up what the loops answered; gives the sum of all.
  func sum(_ answers: [LoopAnswer<LoopReport>]) -> LoopReport {
    last.withLock { last in
      if last.isEmpty { last = Array(repeating: LoopReport(), count: answers.count) }
      var sum = LoopReport()
      for (index, answer) in answers.enumerated() {
        switch answer {
        case .given(let report): last[index] = report
        case .ended: last[index] = last[index].ended
        case .late: break
        }
        sum.add(last[index])
      }
      return sum
    }
  }
}
