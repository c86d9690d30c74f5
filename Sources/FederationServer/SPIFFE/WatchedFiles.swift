import Logging
import Resources
import Synchronization

/// Reports changes of single files that stand outside the manifests' directory.
final class WatchedFiles: Sendable {
  private let log: Log
  private let watchers = Mutex<[String: ManifestWatcher]>([:])

  init(log: Log) { self.log = log }

  /// Watches what `current` names from now on and nothing else; `onChange` is called, on any thread, when a file may have
  /// changed, and before this returns when one was not watched before: what was read of it may be old already.
  ///
  /// Of two calls at once the later has the later names. May be called within `onChange`.
  func watch(_ current: () -> Set<String>, onChange: @escaping @Sendable () -> Void) {
    // A watcher that is told to stop waits for its `onChange`, which may wait for this lock.
    let (stale, missing) = watchers.withLock { watchers in
      let paths = current()
      let stale = watchers.filter { !paths.contains($0.key) }
      for path in stale.keys { watchers[path] = nil }
      return (stale, paths.filter { watchers[$0] == nil })
    }
    for watcher in stale.values { watcher.stop() }
    var isMore = false
    for path in missing.sorted() {
      do {
        let watcher = try ManifestWatcher(directory: path, log: log, onChange: onChange)
        watchers.withLock { $0[path] = watcher }
        isMore = true
      } catch {
        log.write(.warning, "file_watch_failed", ["reason": "\(error)", "advice": "send SIGHUP to reload"])
      }
    }
    if isMore { onChange() }
  }

  /// Watches nothing any more.
  func stop() { watch({ [] }, onChange: {}) }
}
