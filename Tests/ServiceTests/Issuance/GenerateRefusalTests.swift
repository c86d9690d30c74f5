import FederationAPI
import Generators
import Identity
import JSON
import Logging
import Resources
import TestSupport
import Testing

@testable import Service

/// What is refused before anything is made, with which words and in which order.
@Suite(.timeLimit(.minutes(1))) struct GenerateRefusalTests {
  private static let missing = GeneratorReference(namespace: "team", kind: "Webhook", name: "granted-only")

  @Test("a workload without a service account is told so, before it is known what it may")
  func missingServiceAccount() async throws {
    let world = try await IssuanceWorld()
    for account in ["app", "nobody-that-is-granted-anything"] {
      let incomplete: [JSONValue] = [
        ["namespace": "apps"], [:], ["namespace": "apps", "serviceaccount": ["name": "app"]],
      ]
      for workload in incomplete {
        let call = try world.call(world.claims(account).overriding(["kubernetes.io": workload]))
        let refused = RPCError(.invalidArgument, "missing kubernetes service account")
        #expect(try await world.generate(Self.missing, call) == .failure(refused))
        let own = await world.handlers.revokeSelf(RevokeSelfRequest(generator: Self.missing), call).result()
        #expect(own.code == refused.code && own.message == refused.message)
      }
    }
    #expect(world.generator.planned == 0)
  }

  @Test("a caller without a workload may generate, not revoke its own; and that comes before authorization")
  func missingWorkload() async throws {
    let world = try await IssuanceWorld(.issuing(["app": [IssuanceWorld.database]]))
    for (account, granted) in [("app", true), ("nobody", false)] {
      let call = try world.call(world.claims(account).overriding(["kubernetes.io": JSONValue?.none]))
      #expect(try await world.generate(IssuanceWorld.database, call).code == (granted ? .ok : .permissionDenied))
      let request = RevokeSelfRequest(generator: IssuanceWorld.database)
      let refused = await world.handlers.revokeSelf(request, call).result()
      #expect(refused.code == .invalidArgument && refused.message == "missing workload context")
    }
    let state = try #require(try await world.ledger.everyState().first)
    #expect(state.owner.name == "system:serviceaccount:apps:app" && state.owner.workload == nil)
    #expect(
      state.owner.attributes == [
        "issuer": MemoryWorld.issuer, "subject": "system:serviceaccount:apps:app", "method": "oidc",
      ])
  }

  @Test("what is not granted exactly is Not Found, and noted")
  func notGranted() async throws {
    let world = try await IssuanceWorld()
    for generator in [
      GeneratorReference(namespace: "teal", kind: "Webhook", name: "database"),
      GeneratorReference(namespace: "team", kind: "webhook", name: "database"),
      GeneratorReference(namespace: "team", kind: "Webhook", name: "databas"), IssuanceWorld.elsewhere,
    ] {
      #expect(try await world.generate(generator) == .failure(.notAuthorized))
      #expect(try await world.revokeSelf(generator) == .permissionDenied)
    }
    await world.issuance.journal.flush()
    #expect(try await world.audit(.generate).map(\.outcome) == Array(repeating: "PERMISSION_DENIED", count: 4))
    #expect(try await world.audit(.revokeSelf).count == 4)
    #expect(world.generator.planned == 0)
  }

  @Test("D5: another federation's grant for the same issuer and subject is none")
  func otherFederation() async throws {
    // Both federations exist; the token is a's, since b cannot be reached.
    let grants = Manifests.issuing(federation: "b", federations: ["a", "b"])
    var manifests = Manifests.issuing(["app": []], states: [], federations: ["a", "b"])
    manifests.authorizations += grants.authorizations
    let world = try await IssuanceWorld(manifests)
    world.issuers.set("b.test", isDown: true)
    #expect(try await world.generate() == .failure(.notAuthorized))
    #expect(try await world.revoke("app-0").code == .permissionDenied)
  }

  @Test("what is granted but not configured, and a server without a ledger, are FAILED_PRECONDITION")
  func notConfigured() async throws {
    let world = try await IssuanceWorld(.issuing(["app": [Self.missing]]))
    let unknown = try await world.generate(Self.missing)
    #expect(unknown.code == .failedPrecondition && unknown.message.contains("is not configured"))

    let log = Log(level: .error) { _ in }
    var settings = AuthenticatorSettings()
    settings.wallClock = { MemoryWorld.start }
    let plain = FederationHandlers(
      snapshot: ServiceSnapshot(
        generation: 1, manifests: .issuing(), local: nil,
        generators: RecordingSource(generator: world.generator, names: [IssuanceWorld.database]), log: log),
      authenticator: Authenticator(client: world.issuers, settings: settings, log: log), log: log)
    let call = try world.call()
    let made = await plain.generate(GenerateRequest(generator: IssuanceWorld.database), call).result()
    #expect(made.code == .failedPrecondition && made.message.contains("ledger"))
    let own = await plain.revokeSelf(RevokeSelfRequest(generator: IssuanceWorld.database), call).result()
    #expect(own.code == .failedPrecondition)
    let all = await plain.revokeCredentials(RevokeCredentialsRequest(namespace: "team", owner: "a"), call).result()
    #expect(all.code == .failedPrecondition)
  }

  @Test("names that are empty or too long are INVALID_ARGUMENT, after the caller is known")
  func lengths() async throws {
    let world = try await IssuanceWorld()
    for (generator, field) in [
      (GeneratorReference(namespace: "", kind: "K", name: "n"), "namespace is required"),
      (GeneratorReference(namespace: "n", kind: "", name: "n"), "kind is required"),
      (GeneratorReference(namespace: "n", kind: "K", name: ""), "name is required"),
      (GeneratorReference(namespace: "n", kind: String(repeating: "K", count: 64), name: "n"), "kind is longer"),
      (GeneratorReference(namespace: "n", kind: "K", name: String(repeating: "n", count: 254)), "name is longer"),
    ] {
      let refused = try await world.generate(generator)
      #expect(refused.code == .invalidArgument && refused.message.hasPrefix(field))
      #expect(try await world.generate(generator, CallContext(peer: "p")) == .failure(.unauthenticated))
    }
  }
}
