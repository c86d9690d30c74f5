import HTTPClient
import Logging
import Resources

/// Makes the provider of each kind of store: the one place in this module that a new kind is added to.
struct ProviderFactory: Sendable {
  let client: any HTTPSending
  let tokens: ServiceAccountTokens
  let log: Log

  /// The provider of the store of that name, whose credentials are in `secrets`.
  func provider(_ backend: RemoteBackend, store: String, secrets: ProviderSecrets) -> any Provider {
    switch backend {
    case .aws(let spec): spec.provider(secrets: secrets, client: client)
    case .gcpsm(let spec): GCPSecretManagerProvider(spec, client: client, secrets: secrets)
    case .kubernetes(let spec): KubernetesProvider(spec, client: client, secrets: secrets, tokens: tokens)
    case .vault(let spec):
      VaultProvider(spec, store: store, client: client, secrets: secrets, tokens: tokens, log: log)
    case .webhook(let spec): WebhookProvider(spec, client: client, secrets: secrets)
    }
  }
}
