import CLinux
import Glibc
import Logging
import Synchronization

/// Reports changes below a directory of manifests, on a thread of its own.
///
/// Subdirectories, links and a mounted ConfigMap's swap are followed. Changes that come close together are reported
/// once, when they have been quiet for the delay, or after ten delays of unrest.
public final class ManifestWatcher: Sendable {
  private let wake: WakeEvent
  private let thread: Mutex<pthread_t?>

  /// Begins to watch `directory`, and calls `onChange` on the watcher's thread after each change from now on.
  ///
  /// - Throws: ``WatchFailure`` when inotify is not to be had; manifests can then be reloaded by signal only.
  public init(
    directory: String, delayMilliseconds: Int = 100, log: Log = Log(level: .warning),
    onChange: @escaping @Sendable () -> Void
  ) throws(WatchFailure) {
    var watch = try DirectoryWatch(root: directory)
    if let failure = watch.refresh() { throw WatchFailure(directory: directory, reason: failure.description) }
    guard let wake = WakeEvent() else {
      throw WatchFailure(directory: directory, reason: SystemError(errno).description)
    }

    let loop = WatchLoop(
      watch: watch, wake: wake, delay: UInt64(max(0, delayMilliseconds)) * 1_000_000, log: log, onChange: onChange)
    var thread = pthread_t()
    let started = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<WatchLoop>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, Unmanaged.passRetained(loop).toOpaque())
    guard started == 0 else {
      Unmanaged.passUnretained(loop).release()
      throw WatchFailure(directory: directory, reason: SystemError(started).description)
    }
    self.wake = wake
    self.thread = Mutex(thread)
  }

  deinit { stop() }

  /// Ends the watch and waits until no `onChange` runs; from within `onChange` it does not wait.
  public func stop() {
    let thread = thread.withLock { $0.take() }
    guard let thread else { return }
    wake.signal()
    if pthread_equal(thread, pthread_self()) != 0 {
      pthread_detach(thread)
    } else {
      pthread_join(thread, nil)
    }
  }
}

/// An eventfd that one thread sets and another polls; open as long as either holds it.
final class WakeEvent: Sendable {
  let descriptor: Int32

  /// Nil, with errno set, when the process has no descriptor left.
  init?() {
    descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
    guard descriptor >= 0 else { return nil }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  func signal() { eventfd_write(descriptor, 1) }
}

/// Why a directory cannot be watched.
public struct WatchFailure: Error, Sendable, CustomStringConvertible {
  /// The directory as it was given.
  public var directory: String
  /// The operating system's reason.
  public var reason: String

  /// The reason and what can be done.
  public var description: String {
    "cannot watch \(directory): \(reason); raise fs.inotify.max_user_watches and max_user_instances, "
      + "or reload by SIGHUP"
  }
}
