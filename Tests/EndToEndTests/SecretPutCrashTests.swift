import Foundation
import TestSupport
import Testing

@Suite struct SecretPutCrashTests {
  @Test("every put that returned 0 is readable after 500 runs with kill -9 at random moments")
  func killedPuts() async throws {
    let directory = try TemporaryDirectory()
    let data = directory.path + "/data"
    // The first run makes key and database; how long it takes sets how late the others are killed.
    #expect(try await put("warm-up", "0", data: data, killAfter: nil))
    let started = ContinuousClock.now
    #expect(try await put("warm-up", "1", data: data, killAfter: nil))
    let duration = ContinuousClock.now - started

    var kept: [String: String] = [:]
    var killed = 0
    for batch in 0..<125 {
      let results = try await withThrowingTaskGroup(of: (String, String, Bool).self) { group in
        for lane in 0..<4 {
          let key = "key-\((batch * 4 + lane) % 50)-\(lane)"
          let value = "value-\(batch)-\(lane)"
          group.addTask {
            let delay = duration * Double.random(in: 0...2.5)
            return (key, value, try await put(key, value, data: data, killAfter: delay))
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      for (key, value, isStored) in results {
        if isStored { kept[key] = value } else { killed += 1 }
        // A killed put may have become durable or not; its key no longer says anything.
        if !isStored { kept[key] = nil }
      }
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

/// Whether the put returned 0 before it could be killed.
private func put(_ key: String, _ value: String, data: String, killAfter: Duration?) async throws -> Bool {
  let child = try ChildProgram(
    product: "federation-server", arguments: ["secret", "put", "--data", data, "vault", key], stdin: Array(value.utf8))
  if let killAfter {
    // The moment is what is tested here, so time is the event.
    try await Task.sleep(for: killAfter)
    child.signal(SIGKILL)
  }
  return await child.wait() == .status(0)
}
