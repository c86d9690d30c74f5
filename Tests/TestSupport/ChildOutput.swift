import Foundation
import Glibc
import Synchronization

/// One output of a child, collected by a thread as it comes.
public final class ChildOutput: Sendable {
  private enum Wanted: CustomStringConvertible {
    case prefix(String)
    case part(String)

    func fits(_ line: String) -> Bool {
      switch self {
      case .prefix(let text): line.hasPrefix(text)
      case .part(let text): line.contains(text)
      }
    }

    var description: String {
      switch self {
      case .prefix(let text): "\"\(text)…\""
      case .part(let text): "\"…\(text)…\""
      }
    }
  }
  private struct Waiter {
    var wanted: Wanted
    var continuation: CheckedContinuation<String, any Error>
  }
  private struct State {
    var bytes: [UInt8] = []
    var ended = false
    var waiters: [UInt64: Waiter] = [:]
    var endWaiters: [CheckedContinuation<Void, Never>] = []
    var nextWaiter: UInt64 = 0
  }
  private let name: String
  private let state = Mutex(State())

  init(name: String) { self.name = name }

  /// All that has come so far.
  public var bytes: [UInt8] { state.withLock { $0.bytes } }
  /// ``bytes`` as text.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The first line that starts with `prefix`, as soon as it is there, without its newline.
  ///
  /// Throws ``ChildProgramError`` when the output ends or `timeoutSeconds` pass without it.
  public func waitForLine(prefix: String, timeoutSeconds: Double = 30) async throws -> String {
    try await waitForLine(.prefix(prefix), timeoutSeconds)
  }

  /// The first line that holds `part` anywhere, as ``waitForLine(prefix:timeoutSeconds:)`` does.
  public func waitForLine(containing part: String, timeoutSeconds: Double = 30) async throws -> String {
    try await waitForLine(.part(part), timeoutSeconds)
  }

  private func waitForLine(_ wanted: Wanted, _ timeoutSeconds: Double) async throws -> String {
    let number = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    let expiry = Task {
      try await Task.sleep(for: .seconds(timeoutSeconds))
      fail(number, "no line \(wanted) on \(name) within \(timeoutSeconds) s")
    }
    defer { expiry.cancel() }
    return try await withCheckedThrowingContinuation { continuation in
      state.withLock { $0.waiters[number] = Waiter(wanted: wanted, continuation: continuation) }
      settle()
    }
  }

  func waitForEnd() async {
    await withCheckedContinuation { continuation in
      let ended = state.withLock { state in
        if !state.ended { state.endWaiters.append(continuation) }
        return state.ended
      }
      if ended { continuation.resume() }
    }
  }

  func collect(from descriptor: Int32) {
    Thread.detachNewThread {
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { break }
        self.state.withLock { $0.bytes += buffer[0..<count] }
        self.settle()
      }
      close(descriptor)
      let waiting = self.state.withLock { state in
        state.ended = true
        defer { state.endWaiters = [] }
        return state.endWaiters
      }
      self.settle()
      for waiter in waiting { waiter.resume() }
    }
  }

  /// Resumes every waiter whose line is there, and all of them at the end.
  private func settle() {
    let settled = state.withLock { state in
      guard !state.waiters.isEmpty else { return [(Waiter, String?)]() }
      var lines = state.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      // What follows the last newline is not a line yet, unless nothing more will come.
      if !state.ended || lines.last?.isEmpty == true { lines.removeLast(min(1, lines.count)) }
      let texts = lines.map { String(decoding: $0, as: UTF8.self) }
      var settled: [(Waiter, String?)] = []
      for (number, waiter) in state.waiters {
        let line = texts.first { waiter.wanted.fits($0) }
        guard line != nil || state.ended else { continue }
        settled.append((waiter, line))
        state.waiters[number] = nil
      }
      return settled
    }
    for (waiter, line) in settled {
      if let line {
        waiter.continuation.resume(returning: line)
      } else {
        waiter.continuation.resume(
          throwing: ChildProgramError(description: "\(name) ended without a line \(waiter.wanted): \(text)"))
      }
    }
  }

  private func fail(_ number: UInt64, _ reason: String) {
    let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
    waiter?.continuation.resume(throwing: ChildProgramError(description: reason + ": " + text))
  }
}
