import FederationAPI

/// The federations that Authorizations for an issuer or a trust domain name, each once, in the order of the manifests.
struct FederationsByProvider: Sendable {
  private var federations: [ExactString: [FederationReference]] = [:]

  /// The federations of `provider`.
  subscript(provider: String) -> [FederationReference] { federations[ExactString(provider)] ?? [] }

  /// Collects them.
  struct Builder {
    private struct Pair: Hashable {
      var provider: ExactString
      var federation: FederationReference
    }

    private(set) var result = FederationsByProvider()
    private var seen: Set<Pair> = []

    mutating func add(_ federation: FederationReference, to provider: ExactString) {
      guard seen.insert(Pair(provider: provider, federation: federation)).inserted else { return }
      result.federations[provider, default: []].append(federation)
    }
  }
}
