/// What calls ask for, as far as they are counted apart: a bounded number of names, whatever callers write.
public enum CallMethod: Int, Sendable, CaseIterable {
  /// Nothing that is served, or nothing that could be read.
  case other
  /// GetSecret.
  case getSecret
  /// BatchGetSecrets.
  case batchGetSecrets
  /// WatchSecrets.
  case watchSecrets
  /// ResolveExternalSecret.
  case resolveExternalSecret
  /// Authenticate.
  case authenticate
  /// Generate.
  case generate
  /// RevokeSelf.
  case revokeSelf
  /// RevokeCredentials.
  case revokeCredentials
  /// Any call of gRPC's health service.
  case health
  /// Any call of gRPC's reflection service.
  case reflection

  /// Whether only callers that have proved who they are get an answer other than an error.
  public var asksWhoCalls: Bool {
    switch self {
    case .other, .health, .reflection: false
    case .getSecret, .batchGetSecrets, .watchSecrets, .resolveExternalSecret, .authenticate, .generate, .revokeSelf,
      .revokeCredentials:
      true
    }
  }

  /// The name that metrics give it: that of the RPC where it is one of `federation.v1.FederationService`.
  public var name: String {
    switch self {
    case .other: "other"
    case .getSecret: "GetSecret"
    case .batchGetSecrets: "BatchGetSecrets"
    case .watchSecrets: "WatchSecrets"
    case .resolveExternalSecret: "ResolveExternalSecret"
    case .authenticate: "Authenticate"
    case .generate: "Generate"
    case .revokeSelf: "RevokeSelf"
    case .revokeCredentials: "RevokeCredentials"
    case .health: "Health"
    case .reflection: "Reflection"
    }
  }
}

/// How a call ended, for whoever counts it.
public struct CallOutcome: Sendable, Equatable {
  /// What was asked for.
  public var method: CallMethod
  /// How it ended.
  public var code: StatusCode

  /// Makes an outcome.
  public init(_ method: CallMethod, _ code: StatusCode) {
    self.method = method
    self.code = code
  }

  /// Whether it shows that the caller has proved who it is.
  public var provesCaller: Bool { code == .ok && method.asksWhoCalls }
}
