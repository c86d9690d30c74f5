import CLinux

/// Signals as values, so that a program waits for them instead of running code inside a handler.
public enum SignalStream {
  /// Keeps `signals` from ending the process; they wait for ``of(_:)``.
  ///
  /// Call it as the first thing in `main`: threads that exist already would still take the signal's default action,
  /// and the first `await` may make such threads.
  public static func block(_ signals: [Int32]) {
    var set = signalSet(signals)
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Yields each of `signals`, blocked before, as it comes. Throws ``ThreadError``.
  public static func of(_ signals: [Int32]) throws(ThreadError) -> AsyncStream<Int32> {
    let (stream, continuation) = AsyncStream<Int32>.makeStream()
    try startDetachedThread(name: "signals") {
      var waited = signalSet(signals)
      while true {
        var signal: Int32 = 0
        if sigwait(&waited, &signal) == 0 { continuation.yield(signal) }
      }
    }
    return stream
  }

  private static func signalSet(_ signals: [Int32]) -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal) }
    return set
  }
}
