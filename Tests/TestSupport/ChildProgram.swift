import Foundation
import Glibc
import Synchronization

/// A program run as a process of its own; killed when the last reference goes.
public final class ChildProgram: Sendable {
  /// How a process ended.
  public enum Exit: Sendable, Equatable, CustomStringConvertible {
    /// It left with this status, 0 to 255.
    case status(Int32)
    /// This signal ended it.
    case signal(Int32)

    /// For example `status 1`.
    public var description: String {
      switch self {
      case .status(let status): "status \(status)"
      case .signal(let signal): "signal \(signal)"
      }
    }
  }

  /// The process id; use ``signal(_:)`` to reach it, which knows whether the id is still its own.
  public let pid: pid_t
  /// What it has written to stdout.
  public let stdout = ChildOutput(name: "stdout")
  /// What it has written to stderr.
  public let stderr = ChildOutput(name: "stderr")
  private let life: ChildLife

  /// Variables without which a program of scripts/test-sanitized.sh reports what is nothing, or reports it to stderr.
  private static let sanitizing: Set = ["ASAN_OPTIONS", "TSAN_OPTIONS", "LD_PRELOAD", "SWIFT_BACKTRACE"]

  /// Of the variables that a program was seen to have, each `NAME=VALUE`, those that its test gave it.
  public static func given<Line: StringProtocol>(_ variables: [Line]) -> [String] {
    variables.map { String($0) }.filter { line in !sanitizing.contains { line.hasPrefix($0 + "=") } }
  }

  /// Starts the program at `path` with `arguments` (without its own name).
  ///
  /// `environment` nil means this process's own. `stdin` is written whole, then closed.
  public init(
    path: String, arguments: [String] = [], environment: [String: String]? = nil, stdin: [UInt8] = []
  ) throws {
    let own = ProcessInfo.processInfo.environment
    let sanitizing = own.filter { Self.sanitizing.contains($0.key) }
    let pairs = environment?.merging(sanitizing) { given, _ in given } ?? own
    let spawned = try ChildSpawn.spawn(
      path: path, arguments: arguments, environment: pairs.map { "\($0.key)=\($0.value)" })
    pid = spawned.pid
    life = ChildLife(pid: spawned.pid)
    stdout.collect(from: spawned.stdout)
    stderr.collect(from: spawned.stderr)
    let input = spawned.stdin
    Thread.detachNewThread {
      ChildSpawn.writeAll(stdin, to: input)
      close(input)
    }
  }

  /// Starts a product of this package, for example `federation-server`.
  public convenience init(
    product: String, arguments: [String] = [], environment: [String: String]? = nil, stdin: [UInt8] = []
  ) throws {
    try self.init(
      path: ChildProgram.productsDirectory + "/" + product, arguments: arguments, environment: environment,
      stdin: stdin)
  }

  deinit { life.signal(SIGKILL) }

  /// Where `swift build` puts programs: beside the running test program.
  public static var productsDirectory: String {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    // Some toolchains load the tests into a helper program; the bundle's path is then among its arguments.
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") && $0.contains("/") }
    for candidate in [own, bundle].compactMap({ $0 }) {
      let directory = URL(fileURLWithPath: candidate).deletingLastPathComponent().path
      if FileManager.default.fileExists(atPath: directory + "/federation-server") { return directory }
    }
    return FileManager.default.currentDirectoryPath + "/.build/debug"
  }

  /// Sends `signal` unless the process has ended.
  public func signal(_ signal: Int32) { life.signal(signal) }

  /// Waits for the end of the process and of its output. One that goes on past `timeoutSeconds` is killed, so that a
  /// test of a program that should end fails where it would hang.
  public func wait(timeoutSeconds: Double = 120) async -> Exit {
    let expiry = Task {
      try await Task.sleep(for: .seconds(timeoutSeconds))
      life.signal(SIGKILL)
    }
    defer { expiry.cancel() }
    let exit = await life.exit()
    await stdout.waitForEnd()
    await stderr.waitForEnd()
    return exit
  }
}

/// A child that could not be started, or did not say what was waited for.
public struct ChildProgramError: Error, CustomStringConvertible {
  /// What failed.
  public let description: String
}

/// Whether the process still is, so that a signal never reaches another one that got its id.
private final class ChildLife: Sendable {
  private struct State {
    var exit: ChildProgram.Exit?
    var waiters: [CheckedContinuation<ChildProgram.Exit, Never>] = []
  }
  private let pid: pid_t
  private let state = Mutex(State())

  init(pid: pid_t) {
    self.pid = pid
    Thread.detachNewThread { self.reap() }
  }

  func signal(_ signal: Int32) {
    state.withLock { if $0.exit == nil { kill(pid, signal) } }
  }

  func exit() async -> ChildProgram.Exit {
    await withCheckedContinuation { continuation in
      let known = state.withLock { state in
        if state.exit == nil { state.waiters.append(continuation) }
        return state.exit
      }
      if let known { continuation.resume(returning: known) }
    }
  }

  private func reap() {
    // Waits without reaping: until the lock is held the id stays taken.
    var information = siginfo_t()
    while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    let (exit, waiters) = state.withLock { state in
      var status: Int32 = 0
      waitpid(pid, &status, 0)
      let exit: ChildProgram.Exit = status & 0x7F == 0 ? .status(status >> 8 & 0xFF) : .signal(status & 0x7F)
      state.exit = exit
      defer { state.waiters = [] }
      return (exit, state.waiters)
    }
    for waiter in waiters { waiter.resume(returning: exit) }
  }
}
