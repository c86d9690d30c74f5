import FederationAPI
import HTTPClient
import Logging
import Providers
import Resources

/// The generators of one configuration snapshot, by their full names.
public struct GeneratorRegistry: Sendable {
  private let generators: [GeneratorReference: ConfiguredGenerator]
  /// The same by their snapshots, so that cleanup shares their connections while a manifest stays as it was.
  private let bySnapshot: [[UInt8]: any Generator]
  private let factory: GeneratorFactory

  /// Builds every generator. `secrets` are what they refer to for credentials of their own, `client` sends webhooks,
  /// `vaults` are the logins that outlive this registry, and `log` gets the reasons that callers must not see, so many
  /// lines a second of `clock`.
  public init(
    generators: [GeneratorResource], secrets: [SecretResource], client: any HTTPSending, vaults: VaultSessions,
    log: Log,
    clock: @escaping @Sendable () -> MonotonicTime = { .now }
  ) {
    let lookup = ManifestSecrets(secrets)
    vaults.replace(lookup)
    factory = GeneratorFactory(
      secrets: GeneratorSecrets(lookup), client: client, vaults: vaults, lines: GeneratorLines(log: log, clock: clock))
    var byReference: [GeneratorReference: ConfiguredGenerator] = [:]
    var bySnapshot: [[UInt8]: any Generator] = [:]
    for resource in generators {
      let configured = ConfiguredGenerator(resource: resource, generator: factory.generator(resource))
      byReference[resource.reference] = configured
      bySnapshot[Array(resource.snapshot.utf8)] = configured.generator
    }
    self.generators = byReference
    self.bySnapshot = bySnapshot
  }

  /// The generator of exactly that name, or nil when the configuration has none.
  public subscript(reference: GeneratorReference) -> ConfiguredGenerator? { generators[reference] }

  /// The generator of a manifest that was kept with a credential, as ``GeneratorResource/snapshot``: it cleans up what
  /// was made under that manifest, which may since have changed or gone. It uses today's Secrets.
  ///
  /// Fails with DATA_LOSS when `snapshot` is damaged, and with FAILED_PRECONDITION when this version cannot use it.
  public func generator(snapshot: String) throws(RPCError) -> any Generator {
    if let unchanged = bySnapshot[Array(snapshot.utf8)] { return unchanged }
    return factory.generator(try GeneratorResource(snapshot: snapshot))
  }
}

/// A generator with the manifest that it was made from.
public struct ConfiguredGenerator: Sendable {
  /// The manifest.
  public var resource: GeneratorResource
  /// What makes its credentials.
  public var generator: any Generator

  /// Puts both together.
  public init(resource: GeneratorResource, generator: any Generator) {
    self.resource = resource
    self.generator = generator
  }
}
