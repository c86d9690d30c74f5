import Glibc

/// `--on-change-signal`: tells the process whose id a file holds that files have changed.
struct ChangeSignal: Equatable, Sendable {
  private static let numbers = [
    "HUP": SIGHUP, "INT": SIGINT, "QUIT": SIGQUIT, "TERM": SIGTERM, "USR1": SIGUSR1, "USR2": SIGUSR2,
    "WINCH": SIGWINCH,
  ]
  /// Longer than any process id with white space around it.
  private static let maximumBytes = 64

  var name: String
  var number: Int32
  var pidFile: String

  /// Reads `SIGNAL:PIDFILE`.
  init(parsing text: String) throws(Failure) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, parts[1].hasPrefix("/") else {
      throw .usage("--on-change-signal=\(text) is not SIGNAL:PIDFILE, such as HUP:/run/app.pid")
    }
    name = parts[0].hasPrefix("SIG") ? String(parts[0].dropFirst(3)) : parts[0]
    guard let number = Self.numbers[name] else {
      let known = Self.numbers.keys.sorted().joined(separator: ", ")
      throw .usage("--on-change-signal=\(text): \"\(parts[0])\" is not one of \(known)")
    }
    self.number = number
    pidFile = parts[1]
  }

  /// Sends it; gives what failed. The file is read anew each time, since the process may be another one by now.
  func send() -> String? {
    let file = open(pidFile, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { return failure(String(cString: strerror(errno))) }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: Self.maximumBytes)
    let count = read(file, &bytes, bytes.count)
    guard count >= 0 else { return failure(String(cString: strerror(errno))) }
    let words = String(decoding: bytes.prefix(count), as: UTF8.self).split(whereSeparator: \.isWhitespace)
    // 0 and what is negative are groups of processes, and 1 is the system's own.
    guard words.count == 1, let pid = Int32(words[0]), pid > 1 else { return failure("it holds no process id above 1") }
    return kill(pid, number) == 0 ? nil : failure("process \(pid): \(String(cString: strerror(errno)))")
  }

  private func failure(_ reason: String) -> String { "SIG\(name) was not sent by \(pidFile): \(reason)" }
}
