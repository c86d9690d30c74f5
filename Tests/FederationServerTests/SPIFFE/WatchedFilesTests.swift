import Logging
import Synchronization
import TestSupport
import Testing

@testable import FederationServer

@Suite(.timeLimit(.minutes(1))) struct WatchedFilesTests {
  @Test("what is watched from now on is looked at once more, and each change of it")
  func changes() async throws {
    let directory = try TemporaryDirectory()
    let paths = try ["a.pem", "b.pem"].map { try directory.write("old", to: $0) }
    let files = WatchedFiles(log: Log(level: .error) { _ in })
    let (stream, continuation) = AsyncStream<Void>.makeStream()
    let calls = Mutex(0)
    func watch(_ paths: Set<String>) -> Int {
      let before = calls.withLock { $0 }
      files.watch({ paths }) {
        calls.withLock { $0 += 1 }
        continuation.yield()
      }
      return calls.withLock { $0 } - before
    }
    // Whoever read it did so before it was watched.
    #expect(watch([paths[0]]) == 1)
    #expect(watch([paths[0]]) == 0)
    #expect(watch(Set(paths)) == 1)
    #expect(watch([paths[1]]) == 0)
    // What cannot be watched has no changes to look for.
    #expect(watch([paths[1], directory.path + "/none/c.pem"]) == 0)
    var reports = stream.makeAsyncIterator()
    for _ in 0..<2 { _ = await reports.next() }
    _ = try directory.write("new", to: "b.pem")
    _ = await reports.next()
    files.stop()
  }
}
