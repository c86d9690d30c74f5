/// Asks for the current values of several secrets and then for each change, or goes on with such a call.
public struct WatchSecretsRequest: Hashable, Sendable {
  /// What is watched, 1 to ``Limits/watchedSecrets``; empty in a message that renews the identity.
  public var secrets: [SecretReference]
  /// Where to resume: what this revision and all before it said is known already. 0 for the current values of all.
  public var afterRevision: UInt64
  /// The caller's PEM bundle, empty when it sent none.
  public var caCertificates: [UInt8]
  /// The bearer token that takes the place of the call's own; empty in the first message.
  public var token: [UInt8]

  /// Makes a request.
  public init(
    secrets: [SecretReference], afterRevision: UInt64 = 0, caCertificates: [UInt8] = [], token: [UInt8] = []
  ) {
    self.secrets = secrets
    self.afterRevision = afterRevision
    self.caCertificates = caCertificates
    self.token = token
  }
}

/// One message of a watch.
public struct WatchSecretsEvent: Sendable, Equatable {
  /// What happened.
  public enum Kind: Sendable, Equatable {
    /// The secret has this value now.
    case value(SecretBytes)
    /// The secret cannot be read; a value that came before is the last good one.
    case error(RPCError)
    /// Nothing: it shows that the server is there.
    case heartbeat
  }

  /// Place in the request's ``WatchSecretsRequest/secrets``; 0 for a heartbeat.
  public var secret: UInt32
  /// Never smaller than in any message before; see ``WatchSecretsRequest/afterRevision``.
  public var revision: UInt64
  /// What happened.
  public var kind: Kind
  /// How many seconds past its time a value was when the server read it, because its backend errs; nil when it was not.
  public var staleSeconds: UInt32?

  /// Makes an event.
  public init(secret: UInt32, revision: UInt64, kind: Kind, staleSeconds: UInt32? = nil) {
    self.secret = secret
    self.revision = revision
    self.kind = kind
    self.staleSeconds = staleSeconds
  }
}
