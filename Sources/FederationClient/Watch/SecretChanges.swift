import FederationAPI

/// What a watch tells of one of its secrets.
public struct SecretChange: Sendable, Equatable {
  /// Which secret.
  public var secret: SecretReference
  /// The value that it has now; or why it has none that can be read, and then the last good one should stay in use unless
  /// that is NOT_FOUND or PERMISSION_DENIED.
  public var outcome: Result<SecretBytes, RPCError>
  /// How many seconds past its time the value was when the server read it, because its backend errs; nil when it was not.
  /// That this changes is no change, and not told.
  public var staleSeconds: UInt32?

  /// Makes a change.
  public init(secret: SecretReference, outcome: Result<SecretBytes, RPCError>, staleSeconds: UInt32? = nil) {
    self.secret = secret
    self.outcome = outcome
    self.staleSeconds = staleSeconds
  }
}

/// The changes of several secrets, current values first, for as long as they are asked for.
///
/// ```swift
/// for try await change in client.watch([SecretReference(store: "vault", key: "db-password")]) {
///   use(try change.outcome.get())
/// }
/// ```
///
/// A connection that is lost is made anew, after pauses that grow and are a little off, and the watch resumes after what was
/// seen last. A change may come twice, and of several in a row only the last, but what a secret is in the end is never lost.
/// A store that is not granted, or no longer, is PERMISSION_DENIED for its secrets, and the others go on.
/// A token that its source replaces is passed on in the stream, before the old one ends.
///
/// The sequence ends with an error, never without one: UNIMPLEMENTED where the wire (HTTP) or the server has no watches, and
/// then asking from time to time is what is left; UNAUTHENTICATED when neither the token nor a fresh one is accepted;
/// PERMISSION_DENIED when no store is, or is any longer, granted; INVALID_ARGUMENT for no secrets, more than
/// ``Limits/watchedSecrets`` or one that cannot be; RESOURCE_EXHAUSTED when the server has as many watches as it may;
/// FAILED_PRECONDITION when the token or CA file cannot be used; CANCELLED with the task that waits.
public struct SecretChanges: AsyncSequence, Sendable {
  /// One change.
  public typealias Element = SecretChange
  /// What the watch ends with.
  public typealias Failure = RPCError

  let client: FederationClient
  let secrets: [SecretReference]
  let timing: WatchTiming

  /// Begins a watch of its own; nothing is sent before the first change is asked for.
  public func makeAsyncIterator() -> Iterator {
    Iterator(watch: ResumedWatch(client, secrets, timing))
  }

  /// One watch. It ends when it is let go of.
  public struct Iterator: AsyncIteratorProtocol {
    let watch: ResumedWatch

    /// The next change; nil after the watch has ended with an error.
    public mutating func next() async throws(RPCError) -> SecretChange? { try await watch.next() }

    /// As ``next()``.
    public mutating func next(isolation actor: isolated (any Actor)?) async throws(RPCError) -> SecretChange? {
      try await watch.next()
    }
  }
}

extension FederationClient {
  /// Watches `secrets`, 1 to ``Limits/watchedSecrets``, each by key, property and version: current values, then changes.
  public func watch(_ secrets: [SecretReference]) -> SecretChanges { watch(secrets, timing: WatchTiming()) }

  func watch(_ secrets: [SecretReference], timing: WatchTiming) -> SecretChanges {
    SecretChanges(client: self, secrets: secrets, timing: timing)
  }
}
