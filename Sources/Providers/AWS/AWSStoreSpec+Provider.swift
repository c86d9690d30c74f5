import HTTPClient
import Resources

extension AWSStoreSpec {
  /// What reads the store.
  func provider(
    secrets: ProviderSecrets, environment: AWSEnvironment = .own, client: any HTTPSending
  ) -> any Provider {
    let exchange = BackendExchange(client: client)
    let tokens = AWSSecurityTokens(region: region, endpoint: stsEndpoint, exchange: exchange)
    let (name, target) =
      switch service {
      case .secretsManager: ("secretsmanager", "secretsmanager")
      case .parameterStore: ("ssm", "AmazonSSM")
      }
    let account = AWSAccount(
      client: AWSClient(
        service: AWSService(name, target: target, region: region, endpoint: endpoint), exchange: exchange),
      identity: AWSIdentity(self, secrets: secrets, environment: environment, tokens: tokens))
    return switch service {
    case .secretsManager: SecretsManagerProvider(account: account, prefix: prefix)
    case .parameterStore: ParameterStoreProvider(account: account, prefix: prefix)
    }
  }
}
