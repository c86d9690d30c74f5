import Glibc
import SQLite
import TestSupport
import Testing

/// Counts in a database, all on the executor's thread.
private actor Counter {
  private let executor: DatabaseExecutor
  private let connection: DatabaseConnection
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  init(path: String) throws {
    executor = try DatabaseExecutor(name: "counter")
    connection = try DatabaseConnection(path: path)
    try connection.execute("CREATE TABLE IF NOT EXISTS t (n INTEGER NOT NULL)")
  }

  func add() throws -> pthread_t {
    try connection.transaction { () throws(SQLiteError) in
      let count = try connection.prepare("SELECT count(*) FROM t").first { $0.integer(0) } ?? 0
      try connection.prepare("INSERT INTO t VALUES (?)").run(.integer(count))
    }
    return pthread_self()
  }

  func numbers() throws -> [Int64] { try connection.prepare("SELECT n FROM t ORDER BY n").all { $0.integer(0) } }

  func addTwice() async throws -> [pthread_t] {
    let first = try add()
    await Task.yield()
    return [first, try add()]
  }
}

@Suite(.timeLimit(.minutes(1))) struct DatabaseExecutorTests {
  @Test("all of an actor's work runs on one thread, also after it waited")
  func oneThread() async throws {
    let directory = try TemporaryDirectory()
    let counter = try Counter(path: directory.path + "/test.db")
    let threads = try await withThrowingTaskGroup(of: [pthread_t].self) { group in
      for _ in 0..<20 { group.addTask { try await counter.addTwice() } }
      var all: [pthread_t] = []
      for try await threads in group { all += threads }
      return all
    }
    #expect(threads.count == 40)
    #expect(Set(threads).count == 1)
    #expect(threads.first != pthread_self())
    #expect(try await counter.numbers() == Array(0..<40))
  }

  @Test("two connections that write at once wait for each other and lose nothing")
  func twoWriters() async throws {
    let directory = try TemporaryDirectory()
    let counters = try (0..<2).map { _ in try Counter(path: directory.path + "/test.db") }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<100 { group.addTask { _ = try await counters[number % 2].add() } }
      try await group.waitForAll()
    }
    #expect(try await counters[0].numbers() == Array(0..<100))
  }

  @Test("many executors come and go without their threads staying")
  func comingAndGoing() async throws {
    let directory = try TemporaryDirectory()
    for number in 0..<200 {
      let counter = try Counter(path: directory.path + "/\(number % 3).db")
      _ = try await counter.add()
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
