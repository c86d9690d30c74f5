/// The generators that this server has: kinds of `generators.external-secrets.io/v1alpha1`.
public enum GeneratorKind: String, Sendable, Hashable, CaseIterable {
  case fake = "Fake"
  case password = "Password"
  case uuid = "UUID"
  case sshKey = "SSHKey"
  case basicAuth = "BasicAuth"
  case mfa = "MFA"
  case webhook = "Webhook"
  case postgreSql = "PostgreSql"
  case vaultDynamicSecret = "VaultDynamicSecret"

  /// The kinds of which something stays in another system, which cleanup has to reach.
  public static let leavingTraces: [GeneratorKind] = [.postgreSql, .vaultDynamicSecret]

  /// The group of their kinds, with the slash that the version follows.
  static let groupPrefix = "generators.external-secrets.io/"
  /// The one `apiVersion`.
  static let apiVersion = groupPrefix + "v1alpha1"
}
