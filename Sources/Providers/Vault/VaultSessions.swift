import HTTPClient
import Logging
import Resources
import Synchronization

/// The logins of generators at their Vault servers: one for each server and way to log in, for the life of the process.
///
/// Vault ends what was made under a login together with it. So a login is renewed also when the manifest that it was made
/// for has changed or gone, and a reload makes no other one.
public final class VaultSessions: Sendable {
  private let client: any HTTPSending
  private let log: Log
  private let secrets = ProviderSecrets(ManifestSecrets([]))
  private let sessions = Mutex<[VaultSpec: VaultSession]>([:])

  /// Makes none yet.
  public init(client: any HTTPSending, log: Log) {
    self.client = client
    self.log = log
  }

  /// Has logins look their credentials up in `manifest` from now on. Those that were made stay, as the leases under them
  /// would end with them.
  package func replace(_ manifest: ManifestSecrets) { secrets.replace(manifest, endsLogins: false) }

  /// The secrets of `vault`; `name` is whom the log names where the login is made.
  package func secrets(of vault: VaultSpec, for name: String) -> VaultDynamicSecrets {
    let session = sessions.withLock { sessions in
      if let session = sessions[vault] { return session }
      let exchange = VaultExchange(
        spec: vault, secrets: secrets, exchange: BackendExchange(client: client),
        tokens: ServiceAccountTokens(cluster: nil))
      let session = VaultSession(exchange: exchange, store: name, log: log)
      sessions[vault] = session
      return session
    }
    return VaultDynamicSecrets(vault: vault, session: session)
  }
}
