import FederationAPI
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct ConcurrentMapTests {
  @Test("values come in the order of the elements, and no more are made at once than may be", arguments: [1, 3, 100])
  func order(maximum: Int) async {
    let running = Mutex(0)
    let most = Mutex(0)
    let values = await Array(0..<20).concurrentMap(atMost: maximum) { number in
      let now = running.withLock { running in
        running += 1
        return running
      }
      most.withLock { $0 = max($0, now) }
      // The first ones take longest.
      for _ in number..<20 { await Task.yield() }
      running.withLock { $0 -= 1 }
      return number * 2
    }
    #expect(values == (0..<20).map { $0 * 2 })
    #expect(most.withLock { $0 } <= maximum)
  }

  @Test("one that hangs holds up no other")
  func hangs() async {
    let (gate, open) = AsyncStream<Void>.makeStream()
    let others = Mutex(0)
    let values = await Array(0..<10).concurrentMap(atMost: 2) { number in
      if number == 0 {
        for await _ in gate {}
      } else if others.withLock({ others in
        others += 1
        return others
      }) == 9 {
        // Were they held up, this would not be reached.
        open.finish()
      }
      return number
    }
    #expect(values == Array(0..<10))
  }

  @Test("once its task is cancelled no further one is begun, and those that were have their values")
  func cancelled() async {
    let (entered, enter) = AsyncStream<Void>.makeStream()
    let (gate, open) = AsyncStream<Void>.makeStream()
    let task = Task {
      await Array(0..<10).concurrentMap(atMost: 2) { number in
        if number == 0 { enter.finish() }
        for await _ in gate {}
        return number
      }
    }
    for await _ in entered {}
    task.cancel()
    open.finish()
    #expect(await task.value == [0, 1])
  }

  @Test("of nothing comes nothing")
  func empty() async {
    #expect(await [Int]().concurrentMap(atMost: 4) { $0 } == [])
  }
}
