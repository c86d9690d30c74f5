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

  /// How many lines there are of `event`.
  func count(_ event: String) -> Int {
    lines.withLock { $0.count { $0.contains("\"event\":\"\(event)\"") } }
  }

  func registry(
    client: any HTTPSending = NoClient(), clock: @escaping @Sendable () -> MonotonicTime = { .now }
  ) -> GeneratorRegistry {
    GeneratorRegistry(
      generators: manifests.generators, secrets: manifests.secrets, client: client,
      vaults: VaultSessions(client: client, log: sink), log: sink, clock: clock)
  }

  /// Asks the one generator a hundred times in one second and once in the next; gives how many lines of `event` there were
  /// in the one and in both.
  func flood(
    _ event: String, client: any HTTPSending
  ) async throws -> (first: Int, both: Int) {
    let now = Mutex(MonotonicTime(nanoseconds: 1))
    let registry = registry(client: client) { now.withLock { $0 } }
    guard let generator = registry[manifests.generators[0].reference]?.generator else {
      throw TestSupportError("the registry has no such generator")
    }
    func ask() async {
      guard let plan = try? generator.plan(GenerationRequest(ownerLabel: "app", expiresAtSeconds: 7)) else { return }
      _ = try? await generator.generate(plan)
    }
    for _ in 0..<100 { await ask() }
    let first = count(event)
    now.withLock { $0 = $0.advanced(bySeconds: 1) }
    await ask()
    return (first, count(event))
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
