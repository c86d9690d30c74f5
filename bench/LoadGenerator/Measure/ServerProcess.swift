import Glibc

/// What the system knows of the server under test.
package struct ServerProcess: Sendable {
  /// Its process id.
  package let pid: Int32

  /// Reads about the process `pid`.
  package init(pid: Int32) { self.pid = pid }

  /// CPU seconds that all its threads have used, in user and system mode together; nil when it is gone.
  package func cpuSeconds() -> Double? {
    guard let text = read("stat"), let end = text.lastIndex(of: ")") else { return nil }
    // The name in parentheses may hold anything; utime and stime are the 12th and 13th fields after it (proc(5)).
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return nil }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// The most memory that it ever held at once, in KiB.
  package func maximumResidentKiB() -> Int? { status("VmHWM:") }

  /// The memory that it holds now, in KiB.
  package func residentKiB() -> Int? { status("VmRSS:") }

  private func status(_ name: String) -> Int? {
    read("status")?.split(separator: "\n").first { $0.hasPrefix(name) }
      .flatMap { Int($0.split(whereSeparator: { $0 == " " || $0 == "\t" })[1]) }
  }

  private func read(_ name: String) -> String? {
    (try? ByteFile.read("/proc/\(pid)/\(name)")).map { String(decoding: $0, as: UTF8.self) }
  }
}
