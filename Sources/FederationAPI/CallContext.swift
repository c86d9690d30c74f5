import Synchronization

/// What a wire knows of a call besides its request.
public struct CallContext: Sendable {
  /// The `authorization` metadata or header as it came, for example `Bearer eyJ…`; nil when absent.
  public var authorization: String?
  /// The `x-workload-token` metadata or header; nil when absent.
  public var workloadToken: String?
  /// The peer's address and port, for logs.
  public var peer: String
  /// When the caller stops waiting; nil when it set no deadline.
  public var deadline: MonotonicTime?
  /// Where the connection's own identity is; nil on wires where a proxy may mix callers, unless the peer proved one.
  public var binding: ConnectionIdentity?
  /// What the call asks of the age of values; nil when it asks nothing and cannot be told.
  public var freshness: ReadFreshness?

  /// Makes a context.
  public init(
    authorization: String? = nil, workloadToken: String? = nil, peer: String, deadline: MonotonicTime? = nil,
    binding: ConnectionIdentity? = nil, freshness: ReadFreshness? = nil
  ) {
    self.authorization = authorization
    self.workloadToken = workloadToken
    self.peer = peer
    self.deadline = deadline
    self.binding = binding
    self.freshness = freshness
  }
}

/// The identity that one connection's calls have which bring no token: what Authenticate bound, on ttrpc, or whom the
/// peer's certificates prove it to be.
public final class ConnectionIdentity: Sendable {
  /// The certificates (DER, leaf first) that the peer proved itself with when it connected; empty where tokens tell who
  /// calls. With certificates no token counts.
  public let certificates: [[UInt8]]
  private let bound = Mutex<VerifiedIdentity?>(nil)
  private let bindings = Atomic<UInt64>(0)
  private let refused = Mutex<PeerRefused?>(nil)

  private struct PeerRefused {
    let reason: String
    let generation: UInt64
    let end: MonotonicTime
  }

  /// Starts unbound.
  public init() { certificates = [] }

  /// Of a peer that `certificates` prove to be `identity`.
  public init(certificates: [[UInt8]], identity: VerifiedIdentity) {
    self.certificates = certificates
    bind(identity)
  }

  /// Whether the connection itself tells who calls, so that a token beside it is one too many.
  public var isProvedByPeer: Bool { !certificates.isEmpty }

  /// The bound identity, whether or not it has expired since.
  public var identity: VerifiedIdentity? { bound.withLock { $0 } }

  /// How often an identity was bound: 0 for never, and another number when ``identity`` may be another.
  public var revision: UInt64 { bindings.load(ordering: .acquiring) }

  /// Binds `identity` in place of what was bound before.
  public func bind(_ identity: VerifiedIdentity) {
    bound.withLock { $0 = identity }
    bindings.add(1, ordering: .acquiringAndReleasing)
  }

  /// Remembers why the peer's certificates make nobody of it under the trust of `generation`, until `end` at most: to
  /// find it out costs signatures, and the peer could ask for them with each call.
  public func refusePeer(_ reason: String, generation: UInt64, until end: MonotonicTime) {
    refused.withLock { refused in
      // A call that began before a reload knows less than one that began after it.
      if let known = refused, known.generation > generation { return }
      refused = PeerRefused(reason: reason, generation: generation, end: end)
    }
  }

  /// Why the peer is nobody under the trust of `generation`; nil when that has to be found out.
  public func peerRefusal(generation: UInt64, at now: MonotonicTime) -> String? {
    refused.withLock { refused in
      guard let refused, refused.generation == generation, now < refused.end else { return nil }
      return refused.reason
    }
  }
}
