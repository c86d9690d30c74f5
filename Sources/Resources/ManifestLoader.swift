import YAML

/// Reads a directory of manifests.
///
/// Every `*.yaml`, `*.yml` and `*.json` below the directory is read, hidden names excepted, in the order of their
/// names; a file may hold several documents. A mounted ConfigMap, whose files are links into a hidden directory, is
/// read once.
public enum ManifestLoader {
  /// The resources below `directory` (or in the one file of that name), and all that is to be said about them.
  ///
  /// A manifest that has an error is left out and the others are still read, so that one run of
  /// `federation-server validate` reports everything; a server must not serve what came with errors. Diagnostics
  /// stand in the order of files and lines.
  public static func load(directory: String) -> (manifests: Manifests, diagnostics: [Diagnostic]) {
    let report = ManifestReport()
    var decoder = ManifestDecoder(report: report)
    let files = ManifestFiles(at: directory, report: report)
    if files.paths.isEmpty && report.errorCount == 0 {
      report.file = directory
      report.warning(0, "holds no manifests; add files that end in `.yaml`, `.yml` or `.json`")
    }
    for path in files.paths {
      report.file = path
      do throws(SystemError) {
        let bytes = try ManifestFiles.read(path, limit: YAMLStream.maximumBytes)
        YAMLStream.read(bytes.span.bytes) { decoder.decode($0) }
      } catch {
        report.error(0, "cannot be read: \(error); let the server's user read it")
      }
    }
    decoder.checkReferences()
    return (decoder.manifests, sorted(report.diagnostics, files.paths))
  }

  private static func sorted(_ diagnostics: [Diagnostic], _ paths: [String]) -> [Diagnostic] {
    let order = Dictionary(uniqueKeysWithValues: paths.enumerated().map { ($1, $0) })
    return diagnostics.enumerated()
      .map { (key: (order[$1.location.file] ?? -1, $1.location.line, $0), diagnostic: $1) }
      .sorted { $0.key < $1.key }
      .map(\.diagnostic)
  }
}
