import FederationAPI
import Glibc

/// Waits for a socket, but not past a deadline.
enum SocketWait {
  /// What a socket is waited for.
  struct Interest: OptionSet {
    let rawValue: Int16
    static let reading = Interest(rawValue: Int16(POLLIN))
    static let writing = Interest(rawValue: Int16(POLLOUT))
  }

  /// What the socket is ready for; nothing when the deadline passed first. A socket that failed is ready for reading.
  static func wait(_ descriptor: Int32, for interest: Interest, until deadline: MonotonicTime) -> Interest {
    while true {
      // Rounded up, so that the last millisecond is waited for and not spun through.
      let milliseconds = (MonotonicTime.now.nanoseconds(until: deadline) + 999_999) / 1_000_000
      var entry = pollfd(fd: descriptor, events: interest.rawValue, revents: 0)
      let count = poll(&entry, 1, Int32(clamping: milliseconds))
      if count > 0 {
        var ready = Interest(rawValue: entry.revents).intersection([.reading, .writing])
        if ready.isEmpty { ready = .reading }
        return ready
      }
      if count == 0, MonotonicTime.now >= deadline { return [] }
      guard count == 0 || errno == EINTR else { return .reading }
    }
  }

  /// Whether there is something to read now, the end of the stream included.
  static func isReadable(_ descriptor: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, 0) != 0
  }
}
