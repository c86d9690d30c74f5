import Glibc
import Synchronization
import Threads

/// A program that runs beside this one, in a process group of its own, waited for by a thread.
final class CommandProcess: Sendable {
  /// How it ended.
  enum End: Equatable, Sendable {
    case status(Int32)
    case signal(Int32)
    /// It was ended by ``CommandProcess/endForHanging(_:)``.
    case hung
  }
  private struct State {
    var isHanging = false
    var end: End?
    var waiter: CheckedContinuation<End, Never>?
  }

  private let pid: pid_t
  private let state = Mutex(State())

  /// Starts the program with an empty stdin, and stderr for both its outputs: stdout is the daemon's own.
  init(path: String, arguments: [String], environment: [[UInt8]]) throws(Failure) {
    pid = try Self.spawn(path, arguments, environment)
    do throws(ThreadError) {
      try startDetachedThread(name: "command") { self.reap() }
    } catch {
      kill(-pid, SIGKILL)
      waitpid(pid, nil, 0)
      throw Failure(status: .injectionFailed, message: error.description)
    }
  }

  /// Waits for its end.
  func end() async -> End {
    await withCheckedContinuation { continuation in
      let end = state.withLock { state in
        if state.end == nil { state.waiter = continuation }
        return state.end
      }
      if let end { continuation.resume(returning: end) }
    }
  }

  /// Sends `signal` to the whole group, unless the program has ended: the id may be another's then.
  func signal(_ signal: Int32) {
    state.withLock { if $0.end == nil { kill(-pid, signal) } }
  }

  /// As ``signal(_:)``; its end counts as ``End/hung``.
  func endForHanging(_ signal: Int32) {
    state.withLock { state in
      guard state.end == nil else { return }
      state.isHanging = true
      kill(-pid, signal)
    }
  }

  private func reap() {
    // Waits without reaping: until the lock is held the id stays taken.
    var information = siginfo_t()
    while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    let (end, waiter) = state.withLock { state in
      // Whatever it started and left behind was a part of what hung.
      if state.isHanging { kill(-pid, SIGKILL) }
      var status: Int32 = 0
      waitpid(pid, &status, 0)
      let signal = status & 0x7F
      let end: End = state.isHanging ? .hung : signal == 0 ? .status(status >> 8 & 0xFF) : .signal(signal)
      state.end = end
      defer { state.waiter = nil }
      return (end, state.waiter)
    }
    waiter?.resume(returning: end)
  }

  private static func spawn(
    _ path: String, _ arguments: [String], _ environment: [[UInt8]]
  ) throws(Failure) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, 2, 1)
    // Nothing that is open here, such as connections that carry secrets. To close what is closed by then is no error
    // to posix_spawn(3).
    for descriptor in ProcessInheritance.openDescriptors() where descriptor > 2 {
      posix_spawn_file_actions_addclose(&actions, descriptor)
    }

    // The daemon blocks and ignores signals; the command starts as from a shell.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
    posix_spawnattr_setflags(&attributes, Int16(flags))

    let vector = CStringVector(([path] + arguments).map { Array($0.utf8) })
    let variables = CStringVector(environment)
    var pid: pid_t = 0
    let status = posix_spawn(&pid, path, &actions, &attributes, vector.pointers, variables.pointers)
    guard status == 0 else {
      throw Failure(status: .injectionFailed, message: "cannot run \(path): \(String(cString: strerror(status)))")
    }
    return pid
  }
}
