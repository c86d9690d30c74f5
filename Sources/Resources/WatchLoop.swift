import FederationAPI
import Glibc
import Logging

/// What the watcher's thread does until it is woken to end.
final class WatchLoop {
  private var watch: DirectoryWatch
  private let wake: WakeEvent
  /// How long it must be quiet before a report, in nanoseconds.
  private let delay: UInt64
  private let log: Log
  private let onChange: @Sendable () -> Void

  init(
    watch: consuming DirectoryWatch, wake: WakeEvent, delay: UInt64, log: Log,
    onChange: @escaping @Sendable () -> Void
  ) {
    self.watch = watch
    self.wake = wake
    self.delay = delay
    self.log = log
    self.onChange = onChange
  }

  /// Reports each run of changes; returns when woken.
  func run() {
    while wait(milliseconds: -1) != .ended {
      guard watch.drain() else { continue }
      guard settle() else { return }
      // Watched anew before the report, so that whoever reads the files now misses nothing that follows.
      if let failure = watch.refresh() { log.write(.warning, "watch_incomplete", ["reason": failure.description]) }
      onChange()
    }
  }

  private enum Waited {
    case changed
    case quiet
    case ended
  }

  /// Waits until nothing has changed for one delay, ten delays at most; false when the loop must end.
  private func settle() -> Bool {
    var now = MonotonicTime.now
    let latest = now.advanced(byNanoseconds: delay * 10)
    var quiet = now.advanced(byNanoseconds: delay)
    while now < min(quiet, latest) {
      let milliseconds = (now.nanoseconds(until: min(quiet, latest)) + 999_999) / 1_000_000
      let waited = wait(milliseconds: Int32(clamping: milliseconds))
      if waited == .ended { return false }
      now = .now
      if waited == .changed && watch.drain() { quiet = now.advanced(byNanoseconds: delay) }
    }
    return true
  }

  private func wait(milliseconds: Int32) -> Waited {
    var descriptors = [
      pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    let ready = poll(&descriptors, nfds_t(descriptors.count), milliseconds)
    if descriptors[0].revents != 0 { return .ended }
    if ready < 0 { return errno == EINTR ? .changed : .ended }
    return ready == 0 ? .quiet : .changed
  }
}
