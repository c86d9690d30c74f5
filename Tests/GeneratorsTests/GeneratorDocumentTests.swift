import Foundation
import Generators
import Logging
import Providers
import Resources
import TestSupport
import Testing

/// docs/GENERATORS.md is true.
@Suite struct GeneratorDocumentTests {
  private static let page = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("docs/GENERATORS.md")

  /// The text of each block fenced as YAML.
  private static func blocks() throws -> [String] {
    let parts = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "```")
    return stride(from: 1, to: parts.count, by: 2).map { parts[$0] }.filter { $0.hasPrefix("yaml\n") }
      .map { String($0.dropFirst(5)) }
  }

  @Test("every example loads, and there is one of every kind")
  func examples() throws {
    let directory = try TemporaryDirectory()
    let federation = """
      apiVersion: identity.federation.external-secrets.io/v1alpha1
      kind: KubernetesFederation
      metadata: {name: cluster-a}
      spec: {url: "https://10.0.0.1:6443", audiences: [federation]}

      """
    let text = (try Self.blocks() + [federation]).joined(separator: "---\n")
    let file = try directory.write(text, to: "a.yaml")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
    let (manifests, diagnostics) = ManifestLoader.load(directory: directory.path)
    #expect(diagnostics == [])
    #expect(manifests.authorizations.count == 1)
    #expect(manifests.secrets.count == 1)
    let kinds = Set(manifests.generators.map(\.reference.kind))
    #expect(kinds == Set(GeneratorKind.allCases.map(\.rawValue)))
    let registry = GeneratorRegistry(
      generators: manifests.generators, secrets: manifests.secrets, client: NoClient(),
      vaults: VaultSessions(client: NoClient(), log: Log(level: .error)), log: Log(level: .error))
    for generator in manifests.generators { #expect(registry[generator.reference] != nil) }
  }

  @Test("every kind has its heading")
  func headings() throws {
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    for kind in GeneratorKind.allCases { #expect(text.contains("\n## \(kind.rawValue)\n")) }
  }
}
