/// Asks for several secrets at once, each of which is answered by itself.
public struct BatchGetSecretsRequest: Hashable, Sendable {
  /// What is asked for, at most ``Limits/batchedSecrets``; the same may be asked for twice.
  public var secrets: [SecretReference]
  /// The caller's PEM bundle, empty when it sent none.
  public var caCertificates: [UInt8]
  /// Whether the stores' backends are to be asked, whatever the server has in memory.
  public var asksBackend: Bool

  /// Makes a request.
  public init(secrets: [SecretReference], caCertificates: [UInt8] = [], asksBackend: Bool = false) {
    self.secrets = secrets
    self.caCertificates = caCertificates
    self.asksBackend = asksBackend
  }
}
