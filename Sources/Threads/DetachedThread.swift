import CLinux

/// The system gave no thread.
public struct ThreadError: Error, Sendable, CustomStringConvertible {
  /// Which thread, and why not.
  public let description: String
}

/// Starts a detached thread with every signal blocked, so that signals reach only who waits for them and a
/// closed socket is an error code instead of SIGPIPE.
///
/// For loops and blocking calls that must not sit on Swift's cooperative pool. Throws ``ThreadError``.
public func startDetachedThread(name: String, _ body: @escaping @Sendable () -> Void) throws(ThreadError) {
  let start = Unmanaged.passRetained(ThreadStart(body))
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  var all = sigset_t()
  var before = sigset_t()
  sigfillset(&all)
  // The new thread inherits the mask, so there is no moment in which it could take a signal.
  pthread_sigmask(SIG_BLOCK, &all, &before)
  defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
  var thread = pthread_t()
  let status = pthread_create(
    &thread, &attributes,
    { argument in
      guard let argument else { return nil }
      Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().body()
      return nil
    }, start.toOpaque())
  guard status == 0 else {
    start.release()
    throw ThreadError(description: "cannot start thread \(name): \(String(cString: strerror(status)))")
  }
}

private final class ThreadStart {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
