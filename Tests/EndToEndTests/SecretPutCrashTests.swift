import Foundation
import TestSupport
import Testing

@Suite struct SecretPutCrashTests {
  @Test("every put that returned 0 is readable after 500 runs with kill -9 at random moments")
  func killedPuts() async throws {
    let directory = try TemporaryDirectory()
    let data = directory.path + "/data"
    // The first run makes key and database. How long a run takes sets how late the others are killed; it is measured
    // all along, because other work on the machine changes it.
    _ = try await put("warm-up", "0", data: data, killAfter: nil)
    var typical = try #require(try await put("warm-up", "1", data: data, killAfter: nil))

    var kept: [String: String] = [:]
    var killed = 0
    for batch in 0..<125 {
      let results = try await withThrowingTaskGroup(of: (key: String, value: String, took: Duration?).self) { group in
        for lane in 0..<4 {
          let key = "key-\((batch * 4 + lane) % 50)-\(lane)"
          let value = "value-\(batch)-\(lane)"
          let delay = typical * Double.random(in: 0...1.5)
          group.addTask { (key, value, try await put(key, value, data: data, killAfter: delay)) }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      for (key, value, took) in results {
        // A killed put may have become durable or not; its key no longer says anything.
        kept[key] = took == nil ? nil : value
        if took == nil { killed += 1 }
      }
      let finished = results.compactMap(\.took)
      typical = finished.isEmpty ? typical * 1.5 : finished.reduce(.zero, +) / finished.count
    }
    #expect(killed > 20, "too few runs were killed to show anything: \(killed)")
    #expect(kept.count > 20, "too few runs succeeded to show anything: \(kept.count)")
    for (key, value) in kept {
      let child = try ChildProgram(
        product: "federation-server", arguments: ["secret", "get", "--data", data, "vault", key])
      #expect(await child.wait() == .status(0), "\(child.stderr.text)")
      #expect(child.stdout.text == value, "\(key)")
    }
  }
}

/// How long the put took to return 0; nil when it was killed before.
private func put(_ key: String, _ value: String, data: String, killAfter: Duration?) async throws -> Duration? {
  let started = ContinuousClock.now
  let child = try ChildProgram(
    product: "federation-server", arguments: ["secret", "put", "--data", data, "vault", key], stdin: Array(value.utf8))
  let killer = killAfter.map { delay in
    // The moment is what is tested here, so time is the event.
    Task {
      try await Task.sleep(for: delay)
      child.signal(SIGKILL)
    }
  }
  let exit = await child.wait()
  let took = ContinuousClock.now - started
  killer?.cancel()
  return exit == .status(0) ? took : nil
}
