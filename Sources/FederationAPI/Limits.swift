/// The protocol's limits, the same on every wire.
public enum Limits {
  /// A caller's PEM bundle, in bytes.
  public static let caCertificates = 65_536
  /// A bearer token, in bytes.
  public static let token = 16_384
  /// A store's name, in bytes (RFC 1123 subdomain, as Kubernetes names are).
  public static let storeName = 253
  /// A secret's key, in bytes.
  public static let secretName = 1_024
  /// A namespace's name, in bytes (RFC 1123 label).
  public static let namespace = 63
  /// A generator's kind, in bytes.
  public static let generatorKind = 63
  /// A generator's name, in bytes (RFC 1123 subdomain).
  public static let generatorName = 253
  /// An encoded message, in bytes, with the envelope that the wire puts around it.
  public static let message = 4_194_304
  /// References in one BatchGetSecrets.
  public static let batchedSecrets = 1_000
  /// References in one WatchSecrets.
  public static let watchedSecrets = 1_000
  /// A reference's property, in bytes.
  public static let property = 1_024
  /// A reference's version, in bytes.
  public static let version = 253
}
