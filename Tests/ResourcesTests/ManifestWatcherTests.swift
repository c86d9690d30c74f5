import Foundation
import Resources
import Synchronization
import Testing

// One at a time: each waits for another thread, and the test runner has few threads of its own.
@Suite(.serialized) struct ManifestWatcherTests {
  /// A watcher, and what it reported, to be waited for.
  private final class Observed: Sendable {
    let watcher: ManifestWatcher
    private let reports: DispatchSemaphore

    init(_ path: String) throws {
      let reports = DispatchSemaphore(value: 0)
      self.reports = reports
      watcher = try ManifestWatcher(directory: path, delayMilliseconds: 20) { reports.signal() }
    }

    /// Whether a report came; the limit only ends a test that fails.
    func isReported(within seconds: Double = 20) -> Bool { reports.wait(timeout: .now() + seconds) == .success }

    /// Makes changes and waits until a report follows them.
    func reports(_ change: () throws -> Void) rethrows -> Bool {
      // What earlier changes left behind must not count.
      while isReported(within: 0.1) {}
      try change()
      return isReported()
    }
  }

  @Test("a file that is made, written, renamed over and removed is reported each time")
  func fileChanges() throws {
    let directory = try ManifestDirectory(["a.yaml": "a"])
    let observed = try Observed(directory.path)
    #expect(try observed.reports { try directory.write("b.yaml", "b") })
    #expect(try observed.reports { try directory.write("a.yaml", "c") })
    #expect(
      try observed.reports {
        try directory.write(".a.yaml.new", "d")
        try directory.rename(".a.yaml.new", to: "a.yaml")
      })
    #expect(try observed.reports { try directory.remove("a.yaml") })
  }

  @Test("an editor's hidden files are not reported")
  func hiddenFiles() throws {
    let directory = try ManifestDirectory(["a.yaml": "a"])
    let observed = try Observed(directory.path)
    try directory.write(".a.yaml.swp", "x")
    try directory.remove(".a.yaml.swp")
    #expect(!observed.isReported(within: 0.3))
    // The same watcher does report what matters.
    #expect(try observed.reports { try directory.write("a.yaml", "b") })
  }

  @Test("new subdirectories are watched too, however deep")
  func newDirectories() throws {
    let directory = try ManifestDirectory()
    let observed = try Observed(directory.path)
    #expect(try observed.reports { try directory.makeDirectory("x/y/z") })
    #expect(try observed.reports { try directory.write("x/y/z/a.yaml", "a") })
    #expect(try observed.reports { try directory.write("x/y/z/a.yaml", "b") })
    #expect(try observed.reports { try directory.rename("x/y", to: "w") })
    #expect(try observed.reports { try directory.write("w/z/a.yaml", "c") })
  }

  @Test("the swap of a mounted ConfigMap is reported, time after time")
  func configMapSwap() throws {
    let directory = try ManifestDirectory(["..1/a.yaml": "1", "..2/a.yaml": "2", "..3/a.yaml": "3"])
    try directory.link("..data", to: "..1")
    try directory.link("a.yaml", to: "..data/a.yaml")
    let observed = try Observed(directory.path)
    for version in ["..2", "..3"] {
      #expect(
        try observed.reports {
          try directory.link("..data_tmp", to: version)
          try directory.rename("..data_tmp", to: "..data")
        })
    }
  }

  @Test("a file and a directory behind links are watched where they are")
  func behindLinks() throws {
    let elsewhere = try ManifestDirectory(["a.yaml": "a", "sub/b.yaml": "b"])
    let directory = try ManifestDirectory()
    try directory.link("a.yaml", to: elsewhere.path + "/a.yaml")
    try directory.link("sub", to: elsewhere.path + "/sub")
    let observed = try Observed(directory.path)
    #expect(try observed.reports { try elsewhere.write("a.yaml", "c") })
    #expect(try observed.reports { try elsewhere.write("sub/b.yaml", "d") })
  }

  @Test("a root that is replaced, or comes only later, is watched")
  func rootReplaced() throws {
    let directory = try ManifestDirectory(["new/a.yaml": "a"])
    let observed = try Observed(directory.path + "/config/")
    #expect(try observed.reports { try directory.rename("new", to: "config") })
    #expect(try observed.reports { try directory.write("config/a.yaml", "b") })
    #expect(
      try observed.reports {
        try directory.rename("config", to: "old")
        try directory.write("new/a.yaml", "c")
        try directory.rename("new", to: "config")
      })
    #expect(try observed.reports { try directory.write("config/a.yaml", "d") })
  }

  @Test("many changes at once are few reports")
  func debounced() throws {
    let directory = try ManifestDirectory()
    let reports = Mutex(0)
    let reported = DispatchSemaphore(value: 0)
    let watcher = try ManifestWatcher(directory: directory.path, delayMilliseconds: 200) {
      reports.withLock { $0 += 1 }
      reported.signal()
    }
    for number in 0..<200 { try directory.write("\(number).yaml", "x") }
    #expect(reported.wait(timeout: .now() + 20) == .success)
    watcher.stop()
    // One, unless the machine paused between the writes.
    #expect(reports.withLock { $0 } < 20)
  }

  @Test("more changes than inotify keeps are still reported")
  func overflow() throws {
    let limit = try String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
    let count = min((Int(limit.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 16_384) * 2, 40_000)
    let directory = try ManifestDirectory(["a.yaml": "a", ".one": "", ".two": ""])
    let gate = DispatchSemaphore(value: 0)
    let reported = DispatchSemaphore(value: 0)
    let watcher = try ManifestWatcher(directory: directory.path, delayMilliseconds: 1) {
      reported.signal()
      gate.wait()
    }
    try directory.write("a.yaml", "c")
    #expect(reported.wait(timeout: .now() + 20) == .success)
    // The watcher's thread stands in the report: nobody takes events off the queue. Only the overflow counts, as
    // hidden names do not; there are two of them because equal neighbours would be merged.
    for _ in 0..<count / 2 {
      chmod(directory.path + "/.one", 0o600)
      chmod(directory.path + "/.two", 0o600)
    }
    gate.signal()
    #expect(reported.wait(timeout: .now() + 20) == .success)
    // What follows the overflow is seen again.
    gate.signal()
    for _ in 0..<100 { gate.signal() }
    try directory.write("new.yaml", "x")
    #expect(reported.wait(timeout: .now() + 20) == .success)
    watcher.stop()
  }

  @Test("stop ends the thread: nothing is reported afterwards, twice does no harm, and a report may stop its watcher")
  func stop() throws {
    let directory = try ManifestDirectory()
    let observed = try Observed(directory.path)
    observed.watcher.stop()
    observed.watcher.stop()
    try directory.write("a.yaml", "a")
    #expect(!observed.isReported(within: 0.3))

    let stopped = DispatchSemaphore(value: 0)
    let holder = Mutex<ManifestWatcher?>(nil)
    let watcher = try ManifestWatcher(directory: directory.path, delayMilliseconds: 1) {
      holder.withLock { $0.take() }?.stop()
      stopped.signal()
    }
    holder.withLock { $0 = watcher }
    try directory.write("b.yaml", "b")
    #expect(stopped.wait(timeout: .now() + 20) == .success)
  }

  @Test("what cannot be watched is an error that says what to do")
  func unwatchable() {
    #expect {
      _ = try ManifestWatcher(directory: "/nowhere/at/all") {}
    } throws: { error in
      "\(error)" == "cannot watch /nowhere/at/all: No such file or directory; raise fs.inotify.max_user_watches and "
        + "max_user_instances, or reload by SIGHUP"
    }
  }
}
