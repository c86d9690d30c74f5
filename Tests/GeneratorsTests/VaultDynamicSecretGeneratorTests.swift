import FederationAPI
import Foundation
import HTTPClient
import JSON
import Logging
import Providers
import Resources
import TestSupport
import Testing

@testable import Generators

/// Secrets that Vault's stand-in makes, and what becomes of their leases.
@Suite struct VaultDynamicSecretGeneratorTests {
  private static let token = "auth: {tokenSecretRef: {name: keys}}"
  private static let role = "auth: {appRole: {roleId: role-id, secretRef: {name: keys, key: id}}}"

  private func bench(
    _ vault: VaultServer, auth: String = token, _ more: String = "path: database/creds/app"
  ) throws -> GeneratorBench {
    let bundle = Data(vault.authority.certificatePEM).base64EncodedString()
    return try GeneratorBench(
      "VaultDynamicSecret",
      "\(more)\nprovider:\n  server: \(vault.url)\n  caBundle: \(bundle)\n  \(auth)",
      secret: "{token: \(VaultServer.rootToken), id: secret-id}")
  }

  private func generator(_ bench: GeneratorBench, _ client: HTTPClient) throws -> any Generator {
    try #require(bench.registry(client: client)[bench.manifests.generators[0].reference]).generator
  }

  private func plan(_ generator: any Generator, until end: Int64? = nil) throws -> GenerationPlan {
    try generator.plan(GenerationRequest(ownerLabel: "app", expiresAtSeconds: end))
  }

  @Test("a lease is made, known by its ID, ends with Vault's own end or the plan's, and is revoked, once and again")
  func lease() async throws {
    let vault = try await VaultServer()
    let generator = try generator(try bench(vault), try HTTPClient(log: Log(level: .error)))
    let before = WallClock.nowSeconds
    let made = try await generator.generate(try plan(generator))
    #expect(made.values.keys.sorted() == ["password", "username"])
    let lease = try #require(made.lease)
    #expect(try await vault.leases() == [lease.state["lease"]?.string])
    let end = try #require(lease.expiresAtSeconds)
    #expect((before + 60...WallClock.nowSeconds + 60).contains(end))
    let shorter = try await generator.generate(try plan(generator, until: 7))
    #expect(shorter.lease?.expiresAtSeconds == 7)
    try await generator.cleanUp(lease.state)
    #expect(try await vault.leases() == [shorter.lease?.state["lease"]?.string])
    // Vault does not know it any more, and knows nothing of what was only planned.
    try await generator.cleanUp(lease.state)
    try await generator.cleanUp([:])
    try await vault.set(["forget_leases": true])
    try await generator.cleanUp(try #require(shorter.lease?.state))
  }

  @Test("while Vault is sealed a lease is not taken for gone, and no caller sees where Vault is")
  func away() async throws {
    let vault = try await VaultServer()
    let bench = try bench(vault)
    let generator = try generator(bench, try HTTPClient(log: Log(level: .error)))
    let lease = try #require(try await generator.generate(try plan(generator)).lease)
    try await vault.set(["sealed": true])
    let failed = await #expect(throws: RPCError.self) { try await generator.cleanUp(lease.state) }
    #expect(failed?.code == .unavailable && failed?.message.contains("127.0.0.1") == false)
    let plan = try plan(generator)
    let refused = await #expect(throws: RPCError.self) { try await generator.generate(plan) }
    #expect(refused?.code == .unavailable)
    try await vault.set(["sealed": false])
    #expect(try await vault.leases().count == 1)
    try await generator.cleanUp(lease.state)
    #expect(try await vault.leases() == [])
    #expect(bench.log.contains("vault_lease_not_revoked") && !bench.log.contains(VaultServer.rootToken))
  }

  @Test("what Vault refuses is FAILED_PRECONDITION")
  func refused() async throws {
    let vault = try await VaultServer()
    let client = try HTTPClient(log: Log(level: .error))
    for bench in [
      try bench(vault, "path: database/creds/missing"), try bench(vault, "path: nothing/here"),
      try bench(vault, auth: "auth: {appRole: {roleId: other, secretRef: {name: keys, key: id}}}"),
    ] {
      let generator = try generator(bench, client)
      let plan = try plan(generator)
      let error = await #expect(throws: RPCError.self) { try await generator.generate(plan) }
      #expect(error?.code == .failedPrecondition)
    }
    #expect(try await vault.leases() == [])
  }

  @Test("Raw gives the whole answer; parameters are sent; what has no data is refused unless that is allowed")
  func results() async throws {
    let vault = try await VaultServer()
    let client = try HTTPClient(log: Log(level: .error))
    let raw = try generator(try bench(vault, "path: database/creds/app\nresultType: Raw"), client)
    let values = try await raw.generate(try plan(raw)).values
    #expect(values["data"]?.text?.contains("\"username\"") == true && values["lease_duration"]?.text == "60")
    let write = "path: kv1/made\nmethod: POST\nparameters: {a: {b: [1, true, x]}}"
    let strict = try generator(try bench(vault, write), client)
    let planned = try plan(strict)
    let error = await #expect(throws: RPCError.self) { try await strict.generate(planned) }
    #expect(error?.code == .failedPrecondition)
    let empty = try generator(try bench(vault, write + "\nallowEmptyResponse: true"), client)
    let nothing = try await empty.generate(try plan(empty))
    #expect(nothing == GeneratedCredential(values: [:]))
    let written = try await vault.send("GET", "/v1/kv1/made")
    #expect(written["data"] == ["a": ["b": [1, true, "x"]]])
  }

  @Test("what no caller could take is revoked at once, and known by its lease where that fails")
  func unfit() async throws {
    let vault = try await VaultServer()
    let generator = try generator(try bench(vault, "path: database/creds/odd"), try HTTPClient(log: Log(level: .error)))
    let plan = try plan(generator)
    let error = await #expect(throws: RPCError.self) { try await generator.generate(plan) }
    #expect(error?.code == .failedPrecondition)
    #expect(try await vault.leases() == [])
    try await vault.set(["revoke_status": 500])
    let made = try await generator.generate(plan)
    #expect(made.values.isEmpty && made.refusal == error)
    #expect(try await vault.leases() == [made.lease?.state["lease"]?.string])
    try await vault.set(["revoke_status": 0])
    try await generator.cleanUp(try #require(made.lease?.state))
    #expect(try await vault.leases() == [])
  }

  @Test("a token that Vault makes where no manifest could tell is ended at once")
  func token() async throws {
    let vault = try await VaultServer()
    let generator = try generator(
      try bench(vault, "path: team/auth/token/create\nmethod: POST"), try HTTPClient(log: Log(level: .error)))
    let plan = try plan(generator)
    let error = await #expect(throws: RPCError.self) { try await generator.generate(plan) }
    #expect(error?.code == .failedPrecondition)
    #expect(try await vault.count("POST team/auth/token/create") == 1)
    // The root token.
    #expect(try await vault.send("GET", "/control")["tokens"]?.integer == 1)
  }

  @Test("one login serves every generator of a server, also after a reload, and a kept manifest")
  func login() async throws {
    let vault = try await VaultServer()
    let client = try HTTPClient(log: Log(level: .error))
    let bench = try bench(vault, auth: Self.role)
    let vaults = VaultSessions(client: client, log: Log(level: .error))
    let kept = bench.manifests.generators[0]
    for isListed in [true, true, false] {
      let registry = GeneratorRegistry(
        generators: isListed ? [kept] : [], secrets: bench.manifests.secrets, client: client, vaults: vaults,
        log: Log(level: .error))
      let generator = try registry.generator(snapshot: kept.snapshot)
      let made = try await generator.generate(try plan(generator))
      try await generator.cleanUp(try #require(made.lease?.state))
    }
    #expect(try await vault.leases() == [])
    #expect(try await vault.count("POST auth/approle/login") == 1)
  }

  @Test("a login whose Secret is gone makes nothing more, and still takes back what it made")
  func removedSecret() async throws {
    let vault = try await VaultServer()
    let client = try HTTPClient(log: Log(level: .error))
    let bench = try bench(vault, auth: Self.role)
    let vaults = VaultSessions(client: client, log: Log(level: .error))
    func generator(_ secrets: [SecretResource]) throws -> any Generator {
      let registry = GeneratorRegistry(
        generators: bench.manifests.generators, secrets: secrets, client: client, vaults: vaults,
        log: Log(level: .error))
      return try #require(registry[bench.manifests.generators[0].reference]).generator
    }
    let before = try generator(bench.manifests.secrets)
    let made = try await before.generate(try plan(before))
    var withoutKey = bench.manifests.secrets
    withoutKey[0].values["id"] = nil
    for secrets in [[], withoutKey] {
      let after = try generator(secrets)
      let refused = #expect(throws: RPCError.self) { try plan(after) }
      #expect(refused?.code == .failedPrecondition && refused?.message.contains("Secret") == true)
    }
    #expect(try await vault.leases().count == 1)
    try await generator([]).cleanUp(try #require(made.lease?.state))
    #expect(try await vault.leases() == [])
  }
}
