import Synchronization

/// Log lines of a server, which a test can wait for.
final class LogLines: Sendable {
  private struct State {
    var lines: [String] = []
    var waiters: [(text: String, continuation: CheckedContinuation<String, Never>)] = []
  }

  private let state = Mutex(State())

  func append(_ line: String) {
    let met = state.withLock { state in
      state.lines.append(line)
      let met = state.waiters.filter { line.contains($0.text) }
      state.waiters.removeAll { line.contains($0.text) }
      return met
    }
    for waiter in met { waiter.continuation.resume(returning: line) }
  }

  /// All so far.
  var all: [String] { state.withLock { $0.lines } }

  /// The first line with `text` in it, as soon as there is one.
  func first(_ text: String) async -> String {
    await withCheckedContinuation { continuation in
      let found = state.withLock { state -> String? in
        if let line = state.lines.first(where: { $0.contains(text) }) { return line }
        state.waiters.append((text, continuation))
        return nil
      }
      if let found { continuation.resume(returning: found) }
    }
  }

  /// Forgets what came so far.
  func clear() { state.withLock { $0.lines = [] } }
}
