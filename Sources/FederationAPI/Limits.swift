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
}
