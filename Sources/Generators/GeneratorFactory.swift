import FederationAPI
import HTTPClient
import Providers
import Resources

/// Makes the generator of each kind: the one place that a new kind is added to.
struct GeneratorFactory: Sendable {
  let secrets: GeneratorSecrets
  let client: any HTTPSending
  let vaults: VaultSessions
  let lines: GeneratorLines

  func generator(_ resource: GeneratorResource) -> any Generator {
    switch resource.spec {
    case .fake(let spec): FakeGenerator(spec)
    case .password(let spec): PasswordGenerator(spec)
    case .uuid: UUIDGenerator()
    case .sshKey(let spec): SSHKeyGenerator(spec)
    case .basicAuth(let spec): BasicAuthGenerator(spec)
    case .mfa(let spec): MFAGenerator(spec, secrets: secrets)
    case .webhook(let spec):
      WebhookGenerator(spec, reference: resource.reference, secrets: secrets, client: client, lines: lines)
    case .postgreSql(let spec):
      PostgreSqlGenerator(spec, lines: lines) { [secrets] () throws(RPCError) in try secrets.value(spec.password) }
    case .vaultDynamicSecret(let spec):
      VaultDynamicSecretGenerator(
        spec, reference: resource.reference,
        secrets: vaults.secrets(of: spec.vault, for: resource.reference.description), lines: lines
      ) { [secrets, needs = resource.secrets] () throws(RPCError) in try secrets.check(needs) }
    }
  }
}
