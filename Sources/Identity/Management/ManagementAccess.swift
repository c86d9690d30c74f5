import FederationAPI
import Resources

/// How a provider's management API is asked whether an identity is still there, with the Secrets read.
public struct ManagementAccess: Sendable {
  enum Provider: Sendable {
    /// The organisation's URL and an API token.
    case okta(domain: String, token: SecretBytes)
    /// The environment's API, its token endpoint, and the worker application's ID and secret.
    case pingIdentity(environmentURL: String, tokenURL: String, clientID: SecretBytes, clientSecret: SecretBytes)
  }

  let provider: Provider
  /// PEM that verifies the provider's TLS; nil for the system's roots.
  let caBundle: [UInt8]?

  /// The access to every federation of `manifests` that has one; a federation whose Secrets are missing has none, and the
  /// load of the manifests said so.
  public static func all(_ manifests: Manifests) -> [FederationReference: ManagementAccess] {
    var access: [FederationReference: ManagementAccess] = [:]
    for federation in manifests.federations {
      if let own = ManagementAccess(federation, manifests.secrets) { access[federation.reference] = own }
    }
    return access
  }

  private init?(_ federation: Federation, _ secrets: [SecretResource]) {
    func value(_ selector: SecretKeySelector) -> SecretBytes? {
      secrets.first { $0.namespace == selector.namespace && $0.name == selector.name }?.values[selector.key]
    }
    switch federation {
    case .okta(let okta):
      guard let token = okta.apiToken.flatMap(value) else { return nil }
      (provider, caBundle) = (.okta(domain: okta.domain, token: token), okta.caBundle)
    case .pingIdentity(let ping):
      guard let api = ping.managementAPI, let clientID = value(api.clientID), let secret = value(api.clientSecret)
      else { return nil }
      let base = api.url ?? "https://api.pingone.\(ping.region.rawValue)/v1"
      provider = .pingIdentity(
        environmentURL: "\(base)/environments/\(ping.environmentID)", tokenURL: "\(ping.tokenIssuer)/token",
        clientID: clientID, clientSecret: secret)
      caBundle = ping.caBundle
    case .kubernetes, .oidc, .spiffe: return nil
    }
  }
}

/// What a provider says of an identity.
public enum ProviderAnswer: Sendable, Equatable {
  /// It is there.
  case present
  /// It is certainly gone, or switched off.
  case gone
  /// The provider could not be asked, or gave no clear answer.
  case unknown
}
