import Foundation
import Logging
import Synchronization
import Testing

/// Keeps the lines that a log writes.
private final class Lines: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock { $0 } }
  func log(_ level: LogLevel) -> Log { Log(level: level) { line in self.lines.withLock { $0.append(line) } } }
}

@Suite struct LogTests {
  @Test("a line is one JSON object with time, level, event and the fields, whatever they hold")
  func json() throws {
    let lines = Lines()
    let nasty = "quote \" backslash \\ newline \n return \r tab \t bell \u{7} delete \u{7F} umlaut ü emoji 🔑"
    lines.log(.info).write(.warning, "tried", ["nasty": nasty, "plain": "x"])
    let line = try #require(lines.all.first)
    #expect(!line.contains("\n"))
    let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
    #expect(object["nasty"] == nasty)
    #expect(object["plain"] == "x")
    #expect(object["level"] == "warn")
    #expect(object["event"] == "tried")
    let time = try #require(object["time"])
    let parsed = try Date(time, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    #expect(abs(parsed.timeIntervalSinceNow) < 60)
  }

  @Test("lines below the level are not written, and their fields not even made")
  func levels() {
    let lines = Lines()
    var made = 0
    func field() -> String {
      made += 1
      return "x"
    }
    let log = lines.log(.warning)
    log.write(.info, "quiet", ["field": field()])
    log.write(.error, "loud", ["field": field()])
    #expect(lines.all.count == 1)
    #expect(made == 1)
  }
}
