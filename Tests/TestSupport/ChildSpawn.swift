import Glibc
import Synchronization

/// posix_spawn with three pipes.
enum ChildSpawn {
  struct Spawned {
    var pid: pid_t
    var stdin: Int32
    var stdout: Int32
    var stderr: Int32
  }

  /// Held from the making of the pipes to the spawn, so that no other child inherits an end and keeps it open.
  private static let spawning = Mutex(())

  static func spawn(
    path: String, arguments: [String], environment: [String]
  ) throws -> Spawned {
    try spawning.withLock { _ in
      let pipes = try (0..<3).map { _ in try makePipe() }
      // The child reads its stdin, and writes the other two.
      let theirs = [pipes[0].read, pipes[1].write, pipes[2].write]
      let ours = [pipes[0].write, pipes[1].read, pipes[2].read]
      defer { for descriptor in theirs { close(descriptor) } }

      var actions = posix_spawn_file_actions_t()
      posix_spawn_file_actions_init(&actions)
      defer { posix_spawn_file_actions_destroy(&actions) }
      for (number, descriptor) in theirs.enumerated() {
        posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
      }

      // A test program may block or ignore signals; the child starts as from a shell.
      var attributes = posix_spawnattr_t()
      posix_spawnattr_init(&attributes)
      defer { posix_spawnattr_destroy(&attributes) }
      var none = sigset_t()
      var all = sigset_t()
      sigemptyset(&none)
      sigfillset(&all)
      posix_spawnattr_setsigmask(&attributes, &none)
      posix_spawnattr_setsigdefault(&attributes, &all)
      posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

      var pid: pid_t = 0
      let status = withCStrings([path] + arguments) { arguments in
        withCStrings(environment) { environment in
          posix_spawn(&pid, path, &actions, &attributes, arguments, environment)
        }
      }
      guard status == 0 else {
        for descriptor in ours { close(descriptor) }
        throw ChildProgramError(description: "cannot start \(path): \(String(cString: strerror(status)))")
      }
      return Spawned(pid: pid, stdin: ours[0], stdout: ours[1], stderr: ours[2])
    }
  }

  /// Writes until done or the reader is gone.
  static func writeAll(_ bytes: [UInt8], to descriptor: Int32) {
    // A child that does not read its input must not end the tests; the mask is this thread's own.
    var pipeSignal = sigset_t()
    sigemptyset(&pipeSignal)
    sigaddset(&pipeSignal, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &pipeSignal, nil)
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + offset, $0.count - offset) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      offset += count
    }
  }

  private static func makePipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw ChildProgramError(description: "pipe: \(String(cString: strerror(errno)))") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  private static func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
  }
}
