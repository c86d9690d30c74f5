import FederationAPI

/// The token of one client, fetched once for all who ask at the same time.
actor ClientTokens {
  private struct Held {
    /// Out of every core, unlike a text.
    var token: SecretBytes
    var freshUntil: MonotonicTime
  }

  private let grant: ClientCredentialsGrant
  private var held: Held?
  private var fetch: Task<Result<AccessToken, RPCError>, Never>?

  init(_ credentials: ClientCredentials) { grant = ClientCredentialsGrant(credentials) }

  /// The token at hand, or a new one.
  func token() async -> Result<String, RPCError> {
    if let held, MonotonicTime.now < held.freshUntil { return .success(held.token.text ?? "") }
    let running = fetch ?? Task { [grant] in await grant.token() }
    fetch = running
    let result = await running.value
    // Only the first of those who waited finds it still there.
    if fetch == running {
      fetch = nil
      if case .success(let fresh) = result {
        let freshUntil = MonotonicTime.now.advanced(bySeconds: fresh.usableSeconds)
        held = Held(token: SecretBytes(fresh.text), freshUntil: freshUntil)
      }
    }
    return result.map(\.text)
  }

  /// Drops `token`, which a server did not accept.
  func forget(_ token: String) {
    if held?.token == SecretBytes(token) { held = nil }
  }
}

/// What a token endpoint gave (RFC 6749 section 5.1).
struct AccessToken: Sendable {
  let text: String
  /// `expires_in`; how long one is used whose answer does not say.
  let lifetimeSeconds: Double

  /// How long it is used: till shortly before its end, so that it does not end on its way.
  var usableSeconds: Double { max(0, lifetimeSeconds - min(60, lifetimeSeconds / 5)) }
}
