import Testing

@testable import Reconciler

/// Who gets which key when.
@Suite(.timeLimit(.minutes(1))) struct WorkQueueTests {
  @Test("a key that is added often is handed out once")
  func once() async {
    let queue = WorkQueue<String>()
    await queue.add("a")
    await queue.add("b")
    await queue.add("a")
    #expect(await queue.next() == "a")
    #expect(await queue.next() == "b")
    await queue.close()
    #expect(await queue.next() == nil)
  }

  @Test("a key that is added while it is worked on comes again afterwards, and not before")
  func again() async {
    let queue = WorkQueue<String>()
    await queue.add("a")
    #expect(await queue.next() == "a")
    await queue.add("a")
    await queue.add("b")
    #expect(await queue.next() == "b")
    await queue.finish("a", failed: false, again: nil)
    #expect(await queue.next() == "a")
  }

  @Test("who waits gets the next key")
  func waits() async {
    let queue = WorkQueue<Int>()
    let waiting = Task { await queue.next() }
    await Task.yield()
    await queue.add(7)
    #expect(await waiting.value == 7)
  }

  @Test("a key that failed comes back after a pause, and what succeeds after as long as it says")
  func pauses() async {
    let queue = WorkQueue<Int>(backoff: .init(first: 0.01, longest: 0.02))
    for _ in 0..<4 {
      await queue.add(1)
      #expect(await queue.next() == 1)
      await queue.finish(1, failed: true, again: nil)
      #expect(await queue.next() == 1)
      await queue.finish(1, failed: false, again: 0.01)
      #expect(await queue.next() == 1)
      await queue.finish(1, failed: false, again: nil)
    }
  }

  @Test("a change does not wait for the pause after a failure")
  func change() async {
    let queue = WorkQueue<Int>(backoff: .init(first: 3_600))
    await queue.add(1)
    #expect(await queue.next() == 1)
    await queue.finish(1, failed: true, again: nil)
    await queue.add(1)
    #expect(await queue.next() == 1)
  }

  @Test("idle is when nothing is worked on or waits to be")
  func idle() async {
    let queue = WorkQueue<Int>()
    await queue.idle()
    await queue.add(1)
    let idle = Task { await queue.idle() }
    #expect(await queue.next() == 1)
    await queue.finish(1, failed: true, again: nil)
    await idle.value
    // Whoever does not want to wait for ever need not.
    await queue.add(2)
    #expect(await queue.next() == 2)
    await queue.idle(atMostSeconds: 0.01)
    await queue.finish(2, failed: false, again: nil)
    await queue.close()
    await queue.closed()
  }
}
