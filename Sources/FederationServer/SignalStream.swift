import CLinux
import Threads

/// Signals as values, so that a program waits for them instead of running code inside a handler.
public enum SignalStream {
  /// Blocks `signals` in the calling thread and those it starts from now on, and yields each as it comes.
  ///
  /// Call it first in `main`, before any thread exists.
  /// Throws ``ThreadError``.
  public static func of(_ signals: [Int32]) throws(ThreadError) -> AsyncStream<Int32> {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal) }
    pthread_sigmask(SIG_BLOCK, &set, nil)
    let (stream, continuation) = AsyncStream<Int32>.makeStream()
    let waited = set
    try startDetachedThread(name: "signals") {
      var waited = waited
      while true {
        var signal: Int32 = 0
        if sigwait(&waited, &signal) == 0 { continuation.yield(signal) }
      }
    }
    return stream
  }
}
