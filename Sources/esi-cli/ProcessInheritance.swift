@preconcurrency import Glibc

/// What this process got from the one that started it, and is to leave to the program that it becomes.
///
/// Captured before anything else runs, so that nothing of esi-cli's own is in it.
struct ProcessInheritance: Sendable {
  /// The environment as `NAME=value` byte strings.
  let environment: [[UInt8]]
  private let descriptors: Set<Int32>
  private let pipeSignal: sigaction
  private let signalMask: sigset_t

  /// Looks at this process as it is now.
  static func capture() -> ProcessInheritance {
    var assignments: [[UInt8]] = []
    var next = environ
    while let variable = next.pointee {
      assignments.append(Array(UnsafeRawBufferPointer(start: variable, count: strlen(variable))))
      next += 1
    }
    var pipeSignal = sigaction()
    sigaction(SIGPIPE, nil, &pipeSignal)
    var signalMask = sigset_t()
    pthread_sigmask(SIG_BLOCK, nil, &signalMask)
    return ProcessInheritance(
      environment: assignments, descriptors: openDescriptors(), pipeSignal: pipeSignal, signalMask: signalMask)
  }

  /// Undoes what the client's libraries changed and execve would keep: descriptors that they opened without
  /// close-on-exec, how SIGPIPE is handled, and what the calling thread blocks. They are not closed, since the libraries' threads may still use them.
  func restore() {
    for descriptor in Self.openDescriptors().subtracting(descriptors) { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    var action = pipeSignal
    sigaction(SIGPIPE, &action, nil)
    // Threads of Swift's pool block nearly every signal, and execve gives the program the mask of its thread.
    var mask = signalMask
    pthread_sigmask(SIG_SETMASK, &mask, nil)
  }

  /// Empty where there is no /proc; then nothing can be told apart and nothing is changed.
  static func openDescriptors() -> Set<Int32> {
    guard let directory = opendir("/proc/self/fd") else { return [] }
    defer { closedir(directory) }
    var descriptors: Set<Int32> = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if let descriptor = Int32(name), descriptor != dirfd(directory) { descriptors.insert(descriptor) }
    }
    return descriptors
  }
}
