import Glibc
import Testing
import Threads

/// Counts on the executor's thread.
private actor Counter {
  private let executor: BlockingExecutor
  private var numbers: [Int] = []
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  init() throws { executor = try BlockingExecutor(name: "counter") }

  func add() -> pthread_t {
    numbers.append(numbers.count)
    return pthread_self()
  }

  func all() -> [Int] { numbers }

  func addTwice() async -> [pthread_t] {
    let first = add()
    await Task.yield()
    return [first, add()]
  }
}

@Suite(.timeLimit(.minutes(1))) struct BlockingExecutorTests {
  @Test("all of an actor's work runs on one thread, also after it waited")
  func oneThread() async throws {
    let counter = try Counter()
    let threads = await withTaskGroup(of: [pthread_t].self) { group in
      for _ in 0..<20 { group.addTask { await counter.addTwice() } }
      var all: [pthread_t] = []
      for await threads in group { all += threads }
      return all
    }
    #expect(threads.count == 40)
    #expect(Set(threads).count == 1)
    #expect(threads.first != pthread_self())
    #expect(await counter.all() == Array(0..<40))
  }

  @Test("many executors come and go without their threads staying")
  func comingAndGoing() async throws {
    for _ in 0..<200 {
      let counter = try Counter()
      _ = await counter.add()
    }
    // A thread ends on its own soon after its actor is gone: at no time do all two hundred live.
    var threads = try threadCount()
    for _ in 0..<1_000 where threads > 100 {
      await Task.yield()
      threads = try threadCount()
    }
    #expect(threads <= 100)
  }

  private func threadCount() throws -> Int {
    let directory = try #require(opendir("/proc/self/task"))
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    return count
  }
}
