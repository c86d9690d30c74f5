import Synchronization
import Testing

@testable import FederationServer

@Suite struct PatientSignalTests {
  @Test("is answered as often as it is given, and once for all of before it had an answer")
  func answers() {
    let signal = PatientSignal()
    let count = Mutex(0)
    for _ in 0..<2 { signal.give() }
    signal.answer { count.withLock { $0 += 1 } }
    #expect(count.withLock { $0 } == 1)
    for _ in 0..<2 { signal.give() }
    #expect(count.withLock { $0 } == 3)
    let early = PatientSignal()
    early.answer { count.withLock { $0 = 0 } }
    #expect(count.withLock { $0 } == 3)
  }
}
