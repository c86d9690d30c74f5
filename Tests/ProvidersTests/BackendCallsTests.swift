import FederationAPI
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Providers

/// What any number of questions wait for.
private final class Latch: Sendable {
  let isOpen = Atomic<Bool>(false)
}

@Suite(.timeLimit(.minutes(1))) struct BackendCallsTests {
  private let counts = StoreCounts()

  private func calls(_ change: (inout BackendSettings) -> Void = { _ in }) -> BackendCalls {
    var settings = BackendSettings()
    settings.attempts = 1
    settings.concurrentRequests = 1
    // No pause ends.
    settings.monotonicClock = { MonotonicTime(nanoseconds: 1_000_000_000) }
    change(&settings)
    return BackendCalls(store: "s", settings: settings, counts: counts, log: Log(level: .error) { _ in })
  }

  private static let failures: [(BackendCalls.Kind, BackendError, Bool)] = [
    (.read, .unavailable(reason: "x"), true), (.list, .unavailable(reason: "x"), true),
    (.read, .timedOut(reason: "x"), true), (.list, .timedOut(reason: "x"), false),
    (.read, .dataLoss(reason: "x"), false), (.list, .dataLoss(reason: "x"), false),
    (.read, .busy(retryAfterSeconds: nil), false), (.read, .notFound, false), (.read, .denied(reason: "x"), false),
  ]

  @Test("a backend is left alone when it cannot be reached or hangs, and for nothing else", arguments: failures)
  func evidence(_ kind: BackendCalls.Kind, _ failure: BackendError, _ opens: Bool) async {
    let calls = calls()
    for _ in 0..<5 {
      _ = await calls.ask(kind) { _ throws(BackendError) -> Int in throw failure }
    }
    #expect(calls.isDown == opens)
    #expect(counts.asked.load(ordering: .relaxed) == (opens ? 3 : 5))
  }

  @Test("a probe that told nothing, too, leaves the backend alone for another while")
  func undecidedProbe() async {
    let clock = Clock()
    let calls = calls { $0.monotonicClock = { clock.now } }
    for _ in 0..<3 {
      _ = await calls.ask(.read) { _ throws(BackendError) -> Int in throw .unavailable(reason: "x") }
    }
    clock.pass(1)
    _ = await calls.ask(.read) { _ throws(BackendError) -> Int in throw .misconfigured(reason: "x") }
    #expect(calls.isDown)
    clock.pass(3)
    let answer = await calls.ask(.read) { _ throws(BackendError) -> Int in 1 }
    #expect(answer == .success(1) && !calls.isDown)
  }

  @Test("time in line is the question's own, and its end says nothing of the backend")
  func timeInLine() async {
    let calls = calls { $0.timeoutSeconds = 0.05 }
    let (entered, gate) = (OneAnswer<Bool>(), OneAnswer<Bool>())
    let first = Task {
      await calls.ask(.read) { _ throws(BackendError) -> Bool in
        entered.tell(true)
        return await gate.wait(givenUp: false)
      }
    }
    _ = await entered.wait(givenUp: false)
    for _ in 0..<5 {
      let late = await calls.ask(.read) { _ throws(BackendError) -> Bool in true }
      #expect(late == .failure(.busy(retryAfterSeconds: nil)))
    }
    #expect(counts.asked.load(ordering: .relaxed) == 1)
    gate.tell(true)
    #expect(await first.value == .success(true))
    #expect(!calls.isDown)
  }

  @Test("a question that had little time left after its wait says nothing of the backend when it is late")
  func shortTime() async {
    let calls = calls { $0.timeoutSeconds = 0.4 }
    for _ in 0..<3 {
      let entered = OneAnswer<Bool>()
      let first = Task {
        await calls.ask(.list) { _ throws(BackendError) -> Bool in
          entered.tell(true)
          // The time that goes by is what this is about; were it longer, the second would not have its turn.
          try? await Task.sleep(for: .seconds(0.2))
          throw .timedOut(reason: "x")
        }
      }
      _ = await entered.wait(givenUp: false)
      _ = await calls.ask(.read) { _ throws(BackendError) -> Bool in throw .timedOut(reason: "x") }
      _ = await first.value
    }
    #expect(!calls.isDown)
  }

  @Test("however many lists by tags there are, plain ones and reads have their places")
  func taggedLists() async {
    let calls = calls { $0.concurrentRequests = 16 }
    let (arrivals, arrived) = AsyncStream<Void>.makeStream()
    let latch = Latch()
    let held = Task {
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<64 {
          group.addTask {
            _ = await calls.ask(.taggedList) { _ throws(BackendError) -> Int in
              arrived.yield()
              while !latch.isOpen.load(ordering: .acquiring) { await Task.yield() }
              return 1
            }
          }
        }
      }
    }
    var count = arrivals.makeAsyncIterator()
    for _ in 0..<2 { await count.next() }
    #expect(await calls.ask(.list) { _ throws(BackendError) -> Int in 2 } == .success(2))
    #expect(await calls.ask(.read) { _ throws(BackendError) -> Int in 3 } == .success(3))
    #expect(counts.asked.load(ordering: .relaxed) == 4)
    latch.isOpen.store(true, ordering: .releasing)
    await held.value
    #expect(counts.asked.load(ordering: .relaxed) == 66)
  }

  @Test("a question that nobody wants when its turn has come is not asked")
  func unwanted() async {
    let calls = calls()
    let result = await calls.ask(.read, begins: { false }) { _ throws(BackendError) -> Int in 1 }
    #expect(result == .failure(.busy(retryAfterSeconds: nil)))
    #expect(counts.asked.load(ordering: .relaxed) == 0)
  }

  @Test("while a backend is probed, others wait for what comes of it, and then ask or fail", arguments: [true, false])
  func waitsForProbe(succeeds: Bool) async {
    let clock = Clock()
    let calls = calls {
      $0.monotonicClock = { clock.now }
      $0.concurrentRequests = 4
    }
    for _ in 0..<3 {
      _ = await calls.ask(.read) { _ throws(BackendError) -> Int in throw .unavailable(reason: "x") }
    }
    clock.pass(1)
    let (entered, gate) = (OneAnswer<Bool>(), OneAnswer<Bool>())
    let probe = Task {
      await calls.ask(.read) { _ throws(BackendError) -> Int in
        entered.tell(true)
        if await gate.wait(givenUp: false) { return 1 }
        throw .unavailable(reason: "y")
      }
    }
    _ = await entered.wait(givenUp: false)
    #expect(calls.isBeingProbed)
    let others = (0..<3).map { number in
      Task { await calls.ask(.read) { _ throws(BackendError) -> Int in number } }
    }
    while calls.waitingForProbe < 3, !Task.isCancelled { await Task.yield() }
    let leaver = Task { await calls.ask(.read) { _ throws(BackendError) -> Int in 9 } }
    leaver.cancel()
    #expect(await leaver.value != .success(9))
    gate.tell(succeeds)
    #expect(await probe.value == (succeeds ? .success(1) : .failure(.unavailable(reason: "y"))))
    for (number, other) in others.enumerated() {
      #expect(await other.value == (succeeds ? .success(number) : .failure(.unavailable(reason: "y"))))
    }
    #expect(counts.asked.load(ordering: .relaxed) == (succeeds ? 7 : 4))
  }

  @Test("a probe that nobody wants any more when its turn has come leaves its place to the next")
  func unwantedProbe() async {
    let clock = Clock()
    let calls = calls { $0.monotonicClock = { clock.now } }
    for _ in 0..<3 {
      _ = await calls.ask(.read) { _ throws(BackendError) -> Int in throw .unavailable(reason: "x") }
    }
    clock.pass(1)
    _ = await calls.ask(.read, begins: { false }) { _ throws(BackendError) -> Int in 1 }
    #expect(!calls.isDown)
    #expect(await calls.ask(.read) { _ throws(BackendError) -> Int in 2 } == .success(2))
    #expect(!calls.isTripped)
  }

  @Test("a probe has a question's full time, however late in its own time it is asked")
  func probeTime() async {
    let clock = Clock()
    let calls = calls { $0.monotonicClock = { clock.now } }
    for _ in 0..<3 {
      _ = await calls.ask(.read) { _ throws(BackendError) -> Int in throw .unavailable(reason: "x") }
    }
    clock.pass(1)
    let seconds = await calls.ask(.read) { deadline throws(BackendError) -> Double in
      Double(MonotonicTime.now.nanoseconds(until: deadline)) / 1e9
    }
    #expect(((try? seconds.get()) ?? 0) > 5)
  }

  private final class Lists: Sendable {
    let begun = Mutex(0)
    let areOver = Mutex(false)
  }

  @Test("lists take half of the slots at most")
  func halfForLists() async {
    let calls = calls { $0.concurrentRequests = 4 }
    let lists = Lists()
    let tasks = (0..<8).map { _ in
      Task {
        await calls.ask(.list) { _ throws(BackendError) -> Bool in
          lists.begun.withLock { $0 += 1 }
          while !lists.areOver.withLock({ $0 }), !Task.isCancelled { await Task.yield() }
          return true
        }
      }
    }
    while lists.begun.withLock({ $0 }) < 2, !Task.isCancelled { await Task.yield() }
    // Were there more of them, no read would come through.
    for number in 0..<20 {
      #expect(await calls.ask(.read) { _ throws(BackendError) -> Int in number } == .success(number))
    }
    #expect(lists.begun.withLock { $0 } == 2)
    lists.areOver.withLock { $0 = true }
    for list in tasks { #expect(await list.value == .success(true)) }
  }
}
