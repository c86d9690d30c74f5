import CLinux
import Foundation
import Glibc
import TestSupport

/// Waits for changes of files as a watcher does: by inotify, not by looking again and again.
enum FileEvent {
  /// Returns once the file at `path` holds `text`, which somebody renames into place or writes there.
  static func content(_ path: String, _ text: String, timeoutSeconds: Double = 30) async throws {
    try await until("\(path) holding the new content", beside: path, timeoutSeconds: timeoutSeconds) {
      (try? String(contentsOfFile: path, encoding: .utf8)) == text
    }
  }

  /// Returns once `condition` holds, which is asked after every event in the directory of `path`.
  static func until(
    _ what: String, beside path: String, timeoutSeconds: Double = 30, _ condition: @escaping @Sendable () -> Bool
  ) async throws {
    let directory = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
    let watch = inotify_init1(Int32(IN_CLOEXEC))
    guard watch >= 0, inotify_add_watch(watch, directory, UInt32(IN_MOVED_TO | IN_CLOSE_WRITE | IN_CREATE)) >= 0 else {
      throw TestSupportError("cannot watch \(directory): errno \(errno)")
    }
    let outcome = await withCheckedContinuation { continuation in
      // A thread, because poll(2) blocks.
      Thread.detachNewThread {
        defer { close(watch) }
        let deadline = ContinuousClock.now + .seconds(timeoutSeconds)
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while !condition() {
          let left = deadline - ContinuousClock.now
          var ready = pollfd(fd: watch, events: Int16(POLLIN), revents: 0)
          guard left > .zero, poll(&ready, 1, Int32(left / .milliseconds(1)) + 1) >= 0 || errno == EINTR else {
            continuation.resume(returning: false)
            return
          }
          if ready.revents != 0 { _ = read(watch, &buffer, buffer.count) }
        }
        continuation.resume(returning: true)
      }
    }
    guard outcome else { throw TestSupportError("no \(what) within \(timeoutSeconds) s") }
  }
}
