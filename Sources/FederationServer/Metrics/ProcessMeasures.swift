import CLinux
import FederationAPI
import Glibc

/// What the system says of this process, under the names that Prometheus's own clients use.
struct ProcessMeasures: Sendable {
  /// In microseconds since 1970-01-01T00:00:00Z.
  private let startedAt = WallClock.nowMicroseconds

  func write(to text: inout MetricsText) {
    let started = Double(startedAt) / 1e6
    text.add(
      "process_start_time_seconds", .gauge, "When the server started, in seconds since 1970-01-01T00:00:00Z.",
      [.init([], started)])
    let cpu = Double(clinux_clock_ns(CLOCK_PROCESS_CPUTIME_ID)) / 1e9
    text.add("process_cpu_seconds_total", .counter, "Time on the CPU, of all threads.", [.init([], cpu)])
    text.add(
      "process_resident_memory_bytes", .gauge, "Memory in use that is resident.",
      Self.residentBytes.map { [.init([], $0)] } ?? [])
    text.add(
      "process_open_fds", .gauge, "Open file descriptors, of which each connection is one.",
      Self.openDescriptors.map { [.init([], $0)] } ?? [])
    text.add(
      "process_max_fds", .gauge, "File descriptors that the process may open.", clinux_descriptor_limit())
  }

  /// Nil where there is no /proc.
  private static var residentBytes: Int? {
    guard let bytes = try? BoundedFile.read("/proc/self/statm", limit: 256, purpose: "process's memory use") else {
      return nil
    }
    let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
    guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
    return pages * sysconf(Int32(_SC_PAGESIZE))
  }

  /// Nil where there is no /proc.
  private static var openDescriptors: Int? {
    guard let directory = opendir("/proc/self/fd") else { return nil }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    // `.`, `..`, and the descriptor that reads this.
    return count - 3
  }
}
