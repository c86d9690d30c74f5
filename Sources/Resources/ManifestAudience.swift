/// Which program reads the manifests: each has kinds of its own, and refuses the other's with advice.
public enum ManifestAudience: Sendable {
  /// `federation-server`.
  case server
  /// `ese-agent`.
  case agent
}
