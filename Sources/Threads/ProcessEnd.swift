import Glibc

/// Ends the process with what it has printed written out, and without the handlers that libraries have registered for its
/// end: threads that run until then, such as those of the HTTP client, would meet what these take down.
public func endProcess(_ status: Int32) -> Never {
  fflush(nil)
  _exit(status)
}
