/// Reads a directory of manifests.
public enum ManifestLoader {
  /// Reads every `*.yaml`, `*.yml` and `*.json` below `directory`.
  public static func load(directory: String) -> (manifests: Manifests, diagnostics: [Diagnostic]) {
    (Manifests(), [])
  }
}
