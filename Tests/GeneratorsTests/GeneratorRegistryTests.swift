import FederationAPI
import Logging
import Providers
import Resources
import Testing

@testable import Generators

@Suite struct GeneratorRegistryTests {
  @Test("a generator is found by its namespace, kind and name, byte for byte")
  func lookup() throws {
    let bench = try GeneratorBench("UUID", "leaseDuration: 1h")
    let registry = bench.registry()
    let found = registry[GeneratorReference(namespace: "default", kind: "UUID", name: "example")]
    #expect(found?.resource == bench.manifests.generators.first)
    #expect(found?.resource.leaseSeconds == 3_600)
    for (namespace, kind, name) in [
      ("other", "UUID", "example"), ("default", "Password", "example"), ("default", "UUID", "other"),
      ("default", "uuid", "example"), ("", "", ""), ("default", "UUID\0example", ""),
    ] {
      #expect(registry[GeneratorReference(namespace: namespace, kind: kind, name: name)] == nil)
    }
  }

  @Test("two spellings of one character are two names")
  func spellings() {
    func resource(_ name: String, _ value: String) -> GeneratorResource {
      GeneratorResource(
        reference: GeneratorReference(namespace: "a", kind: "Fake", name: name),
        spec: .fake(FakeSpec(data: ["v": SecretBytes(value)])), snapshot: "",
        location: SourceLocation(file: "", line: 1))
    }
    let registry = GeneratorRegistry(
      generators: [resource("k\u{E9}", "1"), resource("\u{212A}", "2")], secrets: [], client: NoClient(),
      vaults: VaultSessions(client: NoClient(), log: Log(level: .error)), log: Log(level: .error))
    func spec(_ name: String) -> GeneratorSpec? {
      registry[GeneratorReference(namespace: "a", kind: "Fake", name: name)]?.resource.spec
    }
    #expect(spec("k\u{E9}") == .fake(FakeSpec(data: ["v": SecretBytes("1")])))
    #expect(spec("ke\u{301}") == nil)
    #expect(spec("K") == nil)
  }

  @Test("a kept manifest becomes a generator again, with today's Secrets")
  func snapshot() async throws {
    let bench = try GeneratorBench(
      "MFA", "secret: {name: keys, key: seed}\nwhen: 1970-01-01T00:00:59Z",
      secret: "{seed: GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ}")
    let registry = bench.registry()
    let kept = bench.manifests.generators[0].snapshot
    let again = try registry.generator(snapshot: kept)
    let plan = try again.plan(GenerationRequest(ownerLabel: "a", expiresAtSeconds: nil))
    #expect(try await again.generate(plan).values["token"]?.text == "287082")
    try await again.cleanUp(plan.state)
  }

  @Test("a kept manifest that is damaged, or of another version, is refused")
  func badSnapshots() throws {
    let registry = try GeneratorBench("UUID", "{}").registry()
    let damaged = #expect(throws: RPCError.self) { _ = try registry.generator(snapshot: "{") }
    #expect(damaged?.code == .dataLoss)
    let other = #expect(throws: RPCError.self) {
      _ = try registry.generator(
        snapshot:
          "{\"apiVersion\":\"generators.external-secrets.io/v1alpha1\",\"kind\":\"New\",\"metadata\":{\"name\":\"a\"}}")
    }
    #expect(other?.code == .failedPrecondition)
  }
}
