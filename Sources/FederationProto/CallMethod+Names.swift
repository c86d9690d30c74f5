import FederationAPI

extension CallMethod {
  /// What a call by these names asks for; ``other`` for what `federation.v1.FederationService` has not got.
  public init(service: RawSpan, method: RawSpan) {
    self = .other
    guard service.isEqual(to: Self.service) else { return }
    // What a busy server mostly gets comes first.
    for (name, known) in Self.names where method.isEqual(to: name) {
      self = known
      return
    }
  }

  private static let service: StaticString = "federation.v1.FederationService"

  private static let names: [(StaticString, CallMethod)] = [
    ("GetSecret", .getSecret), ("BatchGetSecrets", .batchGetSecrets), ("WatchSecrets", .watchSecrets),
    ("ResolveExternalSecret", .resolveExternalSecret), ("Authenticate", .authenticate), ("Generate", .generate),
    ("RevokeSelf", .revokeSelf), ("RevokeCredentials", .revokeCredentials),
  ]
}
