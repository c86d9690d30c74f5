import YAML

/// How long a store's values may be answered from the server's memory.
public struct CachePolicy: Sendable, Hashable {
  /// How old a value may be before the backend is asked again, in seconds; 0 asks for each read.
  public var refreshSeconds: Double
  /// How long after that it may still be given, marked, while the backend cannot be reached; 0 for not at all.
  public var maximumStaleSeconds: Double

  /// A minute, and ten more.
  public init(refreshSeconds: Double = 60, maximumStaleSeconds: Double = 600) {
    self.refreshSeconds = refreshSeconds
    self.maximumStaleSeconds = maximumStaleSeconds
  }
}

extension CachePolicy {
  /// What annotations for a federation server begin with. Annotations and not fields: External Secrets' own definition of a
  /// store, in a cluster, drops fields that it does not know.
  public static let annotationPrefix = "federation.external-secrets.io/"

  /// What `ese-agent` writes of a Secret that it keeps as a store in a file, after the prefix.
  private static func isOfTarget(_ name: String) -> Bool {
    ["owner", "type", "immutable"].contains(name) || name.hasPrefix("keys-")
  }

  /// Reads the annotations `refresh` and `max-stale`, and refuses others of the prefix, which somebody takes for settings;
  /// nil when something was reported.
  init?(_ manifest: MappingReader) {
    self.init()
    guard let metadata = manifest.optional("metadata"), let annotations = metadata.value["annotations"],
      case .mapping(let entries) = annotations.content,
      let reader = MappingReader(
        annotations, path: .text("metadata.annotations"), line: annotations.line, fields: entries.map(\.key),
        report: manifest.report)
    else { return }
    let day = 86_400.0
    let errorsBefore = manifest.report.errorCount
    let bounds = "between `0s` and a day, `24h`"
    let prefix = Self.annotationPrefix
    let names = ["refresh", "max-stale"]
    if let refresh = reader.duration(prefix + names[0], in: 0...day, bounds) { refreshSeconds = refresh.value }
    if let stale = reader.duration(prefix + names[1], in: 0...day, bounds) { maximumStaleSeconds = stale.value }
    for entry in entries where entry.key.hasPrefix(prefix) {
      let name = String(entry.key.dropFirst(prefix.count))
      guard !names.contains(name), !Self.isOfTarget(name) else { continue }
      let meant = Suggestion.nearest(to: name, among: names).map { [$0] } ?? names
      manifest.report.error(
        entry.keyLine,
        "unknown annotation \(quoted(entry.key)); a store may have \(Suggestion.list(meant.map { prefix + $0 }))")
    }
    guard manifest.report.errorCount == errorsBefore else { return nil }
  }
}
