/// Numbers for what this process sees change: each larger than all before, and known for its own.
///
/// The upper 52 bits are microseconds since 1970, so that a process that starts later begins above its predecessor; the
/// lower 12 are the process's tag. A watcher that resumes with another server's number, or with one from before a clock was
/// set back, is sent everything again instead of missing a change, unless one tag in 4,096 happens to be the other.
struct WatchRevision {
  private static let tagBits: UInt64 = 12

  /// The last that was given out, or the process's first moment.
  private(set) var last: UInt64
  private let tag: UInt64

  init(microseconds: UInt64, tag: UInt64) {
    self.tag = tag & (1 << Self.tagBits - 1)
    last = microseconds << Self.tagBits | self.tag
  }

  /// The next one.
  mutating func next(microseconds: UInt64) -> UInt64 {
    last = max(last >> Self.tagBits + 1, microseconds) << Self.tagBits | tag
    return last
  }

  /// `revision` where this process gave it out, else 0, before everything.
  func known(_ revision: UInt64) -> UInt64 {
    revision <= last && revision & (1 << Self.tagBits - 1) == tag ? revision : 0
  }
}
