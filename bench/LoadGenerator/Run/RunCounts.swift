/// What a run has counted so far.
package struct RunCounts: Sendable {
  /// Answers that came in the measured window.
  package var requests: UInt64 = 0
  /// Answers that were wrong or did not come, in the whole run.
  package var errors: UInt64 = 0
  /// What the first of them was.
  package var firstError: String?
  /// Connections that were made in the measured window.
  package var handshakes: UInt64 = 0
  /// Calls with a token never used before that were sent in the measured window.
  package var newTokens: UInt64 = 0
  /// Calls that the schedule held and that were still not sent long after the window: the server is too slow for it.
  package var unsent: UInt64 = 0
  /// Latencies of the calls of the measured window.
  package var latencies = LatencyHistogram()
  /// The measured window.
  package var seconds = 0.0
  /// What the server used in the window; nil when its process was not named.
  package var serverCPUSeconds: Double?
  /// What the generator used in the window.
  package var ownCPUSeconds: Double?
  /// The server's largest memory so far, in KiB.
  package var serverMaximumResidentKiB: Int?
  /// The server's memory before the idle connections were made, in KiB.
  package var residentBeforeIdleKiB: Int?
  /// The server's memory with the idle connections, at the window's end, in KiB.
  package var residentWithIdleKiB: Int?

  mutating func fail(_ reason: @autoclosure () -> String) {
    errors += 1
    if firstError == nil { firstError = reason() }
  }
}
