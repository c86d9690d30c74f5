import CLinux
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
  /// stand in the order of files and lines. `isForCluster` reads them as those of a server that is started with
  /// `--kubernetes`, whose cluster makes tokens of service accounts.
  public static func load(
    directory: String, limits: YAMLLimits = YAMLLimits(), isForCluster: Bool = false
  ) -> (manifests: Manifests, diagnostics: [Diagnostic]) {
    let (decoder, diagnostics) = decode(directory, limits, for: .server, hasCluster: isForCluster)
    return (decoder.manifests, diagnostics)
  }

  /// The same for the resources of an agent. An agent, too, must not act on what came with errors: a manifest that is
  /// left out is not one that was removed.
  public static func loadForAgent(
    directory: String, limits: YAMLLimits = YAMLLimits()
  ) -> (manifests: AgentManifests, diagnostics: [Diagnostic]) {
    let (decoder, diagnostics) = decode(directory, limits, for: .agent)
    var manifests = decoder.agentManifests
    manifests.secrets = decoder.manifests.secrets
    return (manifests, diagnostics)
  }

  /// Reads one object of the Kubernetes API as a manifest; the location of what is said about it is the object itself.
  public static func readForAgent(_ object: YAMLNode) -> (manifests: AgentManifests, diagnostics: [Diagnostic]) {
    let report = ManifestReport(maximum: 16)
    report.file = "the object"
    var decoder = ManifestDecoder(report: report, audience: .agent)
    decoder.decode(YAMLDocument(root: object, problems: [], line: 0))
    return (decoder.agentManifests, report.diagnostics)
  }

  private static func decode(
    _ directory: String, _ limits: YAMLLimits, for audience: ManifestAudience, hasCluster: Bool = false
  ) -> (ManifestDecoder, [Diagnostic]) {
    let report = ManifestReport(maximum: limits.problems)
    var decoder = ManifestDecoder(report: report, audience: audience)
    decoder.hasCluster = hasCluster
    var files = ManifestFiles(at: directory, report: report)
    if files.paths.isEmpty && report.errorCount == 0 {
      report.file = directory
      report.warning(0, "holds no manifests; add files that end in `.yaml`, `.yml` or `.json`")
    }
    var texts = RepeatedText()
    var bytesRead = 0
    for path in files.paths {
      guard let bytes = files.read(path, limit: limits.bytes) else { continue }
      report.file = path
      decoder.isFileReadableByOthers = files.isReadableByOthers
      YAMLStream.read(bytes.span.bytes, limits: limits, reusing: &texts) { decoder.decode($0) }
      bytesRead += bytes.count
    }
    decoder.checkReferences()
    // A tree takes several times the memory of its text, and the allocator would keep it for the process.
    if bytesRead > largeLoad { clinux_return_free_memory() }
    return (decoder, sorted(report.diagnostics, files.paths) + report.unlisted(at: directory))
  }

  private static func sorted(_ diagnostics: [Diagnostic], _ paths: [String]) -> [Diagnostic] {
    guard diagnostics.count > 1 else { return diagnostics }
    let order = Dictionary(uniqueKeysWithValues: paths.enumerated().map { ($1, $0) })
    return diagnostics.enumerated()
      .map { (key: (order[$1.location.file] ?? -1, $1.location.line, $0), diagnostic: $1) }
      .sorted { $0.key < $1.key }
      .map(\.diagnostic)
  }
}

/// From this many bytes of manifests on, what reading them took is worth giving back.
private let largeLoad = 16 << 20
