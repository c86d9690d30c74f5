import FederationAPI
import Generators
import HTTPClient
import Logging
import Providers
import Resources
import Synchronization
import TestSupport

/// Generators as a registry makes them from YAML, and what they log.
final class GeneratorBench: Sendable {
  private let lines = Mutex<[String]>([])
  private let directory: TemporaryDirectory
  let diagnostics: [Diagnostic]
  let manifests: Manifests

  init(_ manifests: String) throws {
    directory = try TemporaryDirectory()
    try directory.write(manifests, to: "a.yaml")
    let loaded = ManifestLoader.load(directory: directory.path)
    self.manifests = loaded.manifests
    diagnostics = loaded.diagnostics
  }

  /// One generator named `example` in `default` beside a Secret `keys` with `values`.
  convenience init(_ kind: String, _ spec: String, secret values: String = "{}") throws {
    try self.init(
      """
      apiVersion: generators.external-secrets.io/v1alpha1
      kind: \(kind)
      metadata: {name: example}
      spec:
      \(spec.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"))
      ---
      {apiVersion: v1, kind: Secret, metadata: {name: keys}, stringData: \(values)}
      """)
    guard self.manifests.generators.count == 1 else { throw TestSupportError("\(diagnostics)") }
  }

  /// What was logged.
  var log: String { lines.withLock { $0.joined(separator: "\n") } }

  private var sink: Log {
    Log(level: .debug) { [weak self] line in self?.lines.withLock { $0.append(line) } }
  }

  func registry(client: any HTTPSending = NoClient()) -> GeneratorRegistry {
    GeneratorRegistry(
      generators: manifests.generators, secrets: manifests.secrets, client: client,
      vaults: VaultSessions(client: client, log: sink), log: sink)
  }

  /// What the one generator gives, as text.
  func values(client: any HTTPSending = NoClient()) async throws -> [String: String] {
    guard let generator = registry(client: client)[manifests.generators[0].reference]?.generator else {
      throw TestSupportError("the registry has no such generator")
    }
    let plan = try generator.plan(GenerationRequest(ownerLabel: "app", expiresAtSeconds: 7))
    guard plan == GenerationPlan(state: .object([:]), expiresAtSeconds: 7) else {
      throw TestSupportError("not the plan of a generator that leaves nothing behind: \(plan)")
    }
    let values = try await generator.generate(plan).values
    try await generator.cleanUp(plan.state)
    return values.mapValues { $0.text ?? "not text" }
  }
}

/// For generators that send nothing.
struct NoClient: HTTPSending {
  func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
    throw HTTPClientError(.unreachable, "nothing is to be sent in this test")
  }
}
