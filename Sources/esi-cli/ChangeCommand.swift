import FederationAPI
import Glibc
import Synchronization

/// `--on-change-command`: the program that is run after files have changed, and that is ended when it hangs.
final class ChangeCommand: Sendable {
  private struct State {
    var running: CommandProcess?
    /// Nothing is started any more, because this process ends.
    var isCancelled = false
  }
  /// From SIGTERM to SIGKILL.
  private static let graceSeconds = 5.0

  private let path: String
  private let arguments: [String]
  private let environment: [[UInt8]]
  private let timeoutSeconds: Double
  private let timeoutText: String
  private let state = Mutex(State())

  /// Reads the flags; nil when there is no command.
  init?(_ options: CommandOptions, environment: [[UInt8]]) throws(Failure) {
    timeoutSeconds = try DurationFlag.seconds(options.onChangeTimeout, "on-change-timeout", example: "30s")
    timeoutText = options.onChangeTimeout
    path = options.onChangeCommand
    arguments = CommandOptions.argumentList(options.onChangeArgs)
    self.environment = environment
    guard !path.isEmpty else {
      guard arguments.isEmpty else { throw .usage("--on-change-args needs --on-change-command") }
      return nil
    }
    guard path.hasPrefix("/") else { throw .usage("--on-change-command=\(path) is not an absolute path") }
    guard access(path, X_OK) == 0 else {
      throw .usage("--on-change-command=\(path) cannot be run: \(String(cString: strerror(errno)))")
    }
  }

  /// Runs it to its end; gives what failed. The caller runs one at a time.
  func run() async -> String? {
    let process: CommandProcess
    do throws(Failure) {
      // Started under the lock: ``cancel()`` either finds it or keeps it from being started.
      let started = try state.withLock { (state) throws(Failure) -> CommandProcess? in
        if state.isCancelled { return nil }
        state.running = try CommandProcess(path: path, arguments: arguments, environment: environment)
        return state.running
      }
      guard let started else { return nil }
      process = started
    } catch {
      return "--on-change-command \(error.message)"
    }
    let limit = Task {
      try await Task.sleep(for: .seconds(timeoutSeconds))
      process.endForHanging(SIGTERM)
      try await Task.sleep(for: .seconds(Self.graceSeconds))
      process.endForHanging(SIGKILL)
    }
    let end = await process.end()
    limit.cancel()
    state.withLock { $0.running = nil }
    switch end {
    case .status(0): return nil
    case .status(let status): return "--on-change-command ended with status \(status)"
    case .signal(let signal): return "--on-change-command was ended by signal \(signal)"
    case .hung: return "--on-change-command was ended because it took longer than \(timeoutText)"
    }
  }

  /// Ends what runs: nobody would be there to end it if it hung.
  func cancel() {
    state.withLock { state in
      state.isCancelled = true
      state.running?.signal(SIGTERM)
    }
  }
}
