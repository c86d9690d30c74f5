import FederationAPI
import Synchronization
import Transport

/// Full TLS handshakes, as many as the server makes, with a number of connections under way at a time.
struct HandshakeTest: Sendable {
  private struct State {
    var counts = RunCounts()
    var isMeasuring = false
    var isOver = false
  }

  private let options: RunOptions
  private let dialer: Dialer
  private let progress: @Sendable (String) -> Void
  private let shared = Shared()

  private final class Shared: Sendable { let state = Mutex(State()) }

  init(_ options: RunOptions, dialer: Dialer, progress: @escaping @Sendable (String) -> Void) {
    self.options = options
    self.dialer = dialer
    self.progress = progress
  }

  func run() async throws -> RunCounts {
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      for _ in 0..<options.connections { tasks.addTask { await shakeHands() } }
      try await Task.sleep(for: .seconds(options.warmUp))
      let server = options.serverPID.map { ServerProcess(pid: $0) }
      let before = (server?.cpuSeconds(), ServerProcess.own.cpuSeconds())
      let start = MonotonicTime.now
      shared.state.withLock { $0.isMeasuring = true }
      try await waitForWindow(from: start)
      var counts = shared.state.withLock { state in
        state.isMeasuring = false
        state.isOver = true
        return state.counts
      }
      counts.seconds = Double(start.nanoseconds(until: .now)) / 1e9
      counts.requests = counts.handshakes
      if let old = before.0 { counts.serverCPUSeconds = server?.cpuSeconds().map { $0 - old } }
      if let old = before.1 { counts.ownCPUSeconds = ServerProcess.own.cpuSeconds().map { $0 - old } }
      counts.serverMaximumResidentKiB = server?.maximumResidentKiB()
      try await tasks.waitForAll()
      return counts
    }
  }

  private func waitForWindow(from start: MonotonicTime) async throws {
    let end = start.advanced(bySeconds: options.duration)
    while MonotonicTime.now < end {
      let left = MonotonicTime.now.nanoseconds(until: end)
      try await Task.sleep(nanoseconds: options.showsProgress ? min(left, 1_000_000_000) : left)
      guard options.showsProgress else { continue }
      let counts = shared.state.withLock { $0.counts }
      let seconds = Double(start.nanoseconds(until: .now)) / 1e9
      progress("\(Int(seconds.rounded())) s  \(Int(Double(counts.handshakes) / seconds)) handshakes/s")
    }
  }

  private func shakeHands() async {
    while shared.state.withLock({ !$0.isOver }) {
      let start = MonotonicTime.now
      do {
        let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
        _ = try await dialer.connect { _ in HandshakeConnection { continuation.finish() } }
        let latency = start.nanoseconds(until: .now)
        shared.state.withLock { state in
          guard state.isMeasuring else { return }
          state.counts.handshakes += 1
          state.counts.latencies.record(latency)
        }
        for await _ in ends {}
      } catch {
        // A server that is down would be asked without a pause.
        shared.state.withLock { state in
          state.counts.fail("\(error)")
          if state.counts.errors >= 100 { state.isOver = true }
        }
      }
    }
  }
}

/// Closes as soon as it is open.
private final class HandshakeConnection: ConnectionHandler {
  private let ended: @Sendable () -> Void

  init(ended: @escaping @Sendable () -> Void) { self.ended = ended }

  func opened(_ connection: Connection) { connection.close(.finished) }
  func receive(_ bytes: RawSpan, on connection: Connection) -> Int { bytes.byteCount }
  func inputEnded(on connection: Connection) {}
  func outputDrained(on connection: Connection) {}
  func timerFired(_ tag: UInt64, on connection: Connection) {}
  func drain(on connection: Connection) { connection.close(.finished) }
  func closed(_ connection: Connection, reason: CloseReason) { ended() }
}
