import YAML

@testable import Resources

extension FuzzTarget {
  /// A server's manifests mean one thing, and all that is to be said about them is bounded and on one line each.
  static let serverManifests = FuzzTarget("server-manifests") { bytes in
    let (first, second) = (decodedManifests(bytes, for: .server), decodedManifests(bytes, for: .server))
    try hold(first.decoder.manifests == second.decoder.manifests, "manifests mean one thing")
    try check(first.report, second.report)
  }

  static let agentManifests = FuzzTarget("agent-manifests") { bytes in
    let (first, second) = (decodedManifests(bytes, for: .agent), decodedManifests(bytes, for: .agent))
    try hold(first.decoder.agentManifests == second.decoder.agentManifests, "manifests mean one thing")
    try check(first.report, second.report)
  }

  private static func decodedManifests(
    _ bytes: [UInt8], for audience: ManifestAudience
  ) -> (decoder: ManifestDecoder, report: ManifestReport) {
    let report = ManifestReport(maximum: 30)
    report.file = "input.yaml"
    var decoder = ManifestDecoder(report: report, audience: audience)
    for document in yamlDocuments(bytes) { decoder.decode(document) }
    decoder.checkReferences()
    return (decoder, report)
  }

  private static func check(_ first: ManifestReport, _ second: ManifestReport) throws {
    try hold(first.diagnostics == second.diagnostics, "what is said of manifests is always the same")
    try hold(first.diagnostics.count <= 30, "what is said of manifests is bounded")
    for diagnostic in first.diagnostics {
      try hold(
        diagnostic.message.utf8.count <= 4_096, "no message repeats a whole file: \(diagnostic.message.prefix(100))")
      try hold(!diagnostic.message.utf8.contains(10), "a message is one line: \(diagnostic.message)")
    }
  }
}
