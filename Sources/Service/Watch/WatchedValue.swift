import FederationAPI

/// One value that is watched, shared by all who watch it.
struct WatchedValue {
  /// One reference of one watch.
  struct Subscriber: Hashable {
    var watch: UInt64
    /// Place in the watch's request.
    var index: UInt32
  }

  /// What comes of a read.
  enum Change: Equatable {
    /// Nobody needs to be told.
    case none
    /// All who watch are told.
    case published
    /// It could not be read, and those who watch go on with the last good value for now.
    case held
  }

  let reference: SecretReference
  /// Tells this value from another that had its slot before.
  let serial: UInt64
  var subscribers: Set<Subscriber> = []
  /// What watchers are told; nil before the first read.
  private(set) var outcome: Result<SecretBytes, RPCError>?
  /// How many seconds past its time the value was when it was read last; nil when it was not.
  private(set) var staleSeconds: UInt32?
  /// When it became so.
  private(set) var revision: UInt64 = 0
  /// Whether it was read since somebody watches it.
  private(set) var isCurrent = false
  var isQueued = false
  var isReading = false
  /// When a read of a store that cannot tell changes, or that failed, is due.
  var readAt: MonotonicTime?
  /// Since when nobody watches it.
  private(set) var idleSince: MonotonicTime?
  private var failingSince: MonotonicTime?

  init(_ reference: SecretReference, serial: UInt64) {
    self.reference = reference
    self.serial = serial
  }

  /// Takes what a read gave, and how many seconds past its time that is. `isAwaited` says that somebody who watches has not
  /// been sent the present revision; `next` makes a new one.
  mutating func take(
    _ read: Result<SecretBytes, RPCError>, staleSeconds: UInt32?, now: MonotonicTime, graceSeconds: Double,
    isAwaited: Bool, next: () -> UInt64
  ) -> Change {
    if case .failure(let error) = read, error.mayPass, isCurrent, case .success = outcome {
      let since = failingSince ?? now
      failingSince = since
      if now < since.advanced(bySeconds: graceSeconds) { return .held }
    } else {
      failingSince = nil
    }
    // Of a value that is the same nobody is told again, but those who come later are told what it is now.
    self.staleSeconds = staleSeconds
    let isSame = outcome == read
    let wasCurrent = isCurrent
    isCurrent = true
    // One that was remembered from before gets a new revision for those who do not have it: on their streams, later ones
    // may have gone out by now.
    if isSame, wasCurrent || !isAwaited { return .none }
    outcome = read
    revision = next()
    return .published
  }

  /// The same value has a new revision, under which it is sent once more.
  mutating func renew(_ revision: UInt64) { self.revision = revision }

  /// Nobody watches it any more.
  mutating func rest(at now: MonotonicTime) {
    idleSince = now
    isCurrent = false
    readAt = nil
    failingSince = nil
  }

  /// Somebody watches it again.
  mutating func wake() { idleSince = nil }
}

extension RPCError {
  /// Whether the same read may succeed soon without anybody doing anything about it.
  var mayPass: Bool {
    switch code {
    case .unavailable, .internal, .unknown, .resourceExhausted, .deadlineExceeded, .cancelled, .aborted: true
    default: false
    }
  }
}
