import FederationAPI
import HTTPClient
import Identity
import Ledger
import Logging
import Resources
import Synchronization
import TestSupport
import Testing

@testable import Service

/// Identities that their provider does not know any more.
@Suite(.timeLimit(.minutes(1))) struct ProviderPresenceTests {
  /// A management API that answers one status.
  private final class Provider: HTTPSending {
    private let state = Mutex<(statuses: [String: Int], asked: Int)>(([:], 0))
    var asked: Int { state.withLock { $0.asked } }
    func answer(_ status: Int, at domain: String = "okta") { state.withLock { $0.statuses[domain] = status } }
    func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
      let status = state.withLock { state in
        state.asked += 1
        return state.statuses.first { request.url.hasPrefix("https://\($0.key).test/") }?.value ?? 200
      }
      return HTTPResponse(status: status, body: Array(#"{"status":"ACTIVE"}"#.utf8))
    }
  }

  private let world: IssuanceWorld
  private let provider = Provider()
  private let presence: ProviderPresence
  private let here = SourceLocation(file: "t.yaml", line: 1)

  init() async throws {
    let selector = SecretKeySelector(namespace: "external-secrets", name: "s", key: "k")
    var manifests = Manifests.issuing()
    manifests.oktaFederations = [
      OktaFederation(name: "okta", domain: "https://okta.test", apiToken: selector, location: here),
      OktaFederation(name: "second", domain: "https://second.test", apiToken: selector, location: here),
      OktaFederation(name: "blind", domain: "https://blind.test", location: here),
    ]
    manifests.secrets = [
      SecretResource(namespace: "external-secrets", name: "s", values: ["k": SecretBytes("t")], location: here)
    ]
    world = try await IssuanceWorld(manifests)
    presence = ProviderPresence(
      management: ManagementClient(client: provider, log: Log(level: .error) { _ in }), handlers: world.handlers,
      settings: world.issuance.settings)
  }

  /// Asks for a credential of the identity `app` of `federations` of `kind`.
  private func ask(kind: String = "OktaFederation", _ federations: [String] = ["okta"]) async throws -> Presence {
    _ = try await world.generate().get()
    var state = try #require(try await world.ledger.everyState().first)
    state.identity = IdentityReference(
      method: .okta, provider: "https://okta.test/oauth2/default", subject: "app",
      federations: Set(federations.map { FederationReference(kind: kind, name: $0) }))
    return await presence.presence(ofOwner: state)
  }

  @Test("an identity is gone once its provider has said so for the whole grace")
  func grace() async throws {
    #expect(try await ask() == .present)
    provider.answer(404)
    world.clock.advance(15)
    #expect(try await ask() == .unknown)
    world.clock.advance(29)
    #expect(try await ask() == .unknown)
    world.clock.advance(1)
    #expect(try await ask() == .gone(reason: "its provider says that the identity is gone"))
    provider.answer(200)
    world.clock.advance(15)
    #expect(try await ask() == .present)
  }

  @Test("an error neither ends an identity nor starts its grace anew")
  func errors() async throws {
    provider.answer(503)
    #expect(try await ask() == .unknown)
    provider.answer(404)
    world.clock.advance(15)
    #expect(try await ask() == .unknown)
    provider.answer(503)
    world.clock.advance(60)
    #expect(try await ask() == .unknown)
    provider.answer(404)
    world.clock.advance(15)
    #expect(try await ask() == .gone(reason: "its provider says that the identity is gone"))
  }

  @Test("many credentials of one identity are one question")
  func shared() async throws {
    for _ in 0..<10 { #expect(try await ask() == .present) }
    #expect(provider.asked == 1)
  }

  @Test("an identity that several federations vouched for is gone once the providers of all that are there say so")
  func several() async throws {
    provider.answer(404)
    for _ in 0..<2 {
      #expect(try await ask(["okta", "second"]) == .present)
      #expect(try await ask(["blind", "okta"]) == .unknown)
      #expect(try await ask(["okta", "removed"]) != .present)
      world.clock.advance(45)
    }
    #expect(try await ask(["okta", "removed"]) == .gone(reason: "its provider says that the identity is gone"))
    provider.answer(404, at: "second")
    #expect(try await ask(["okta", "second"]) == .unknown)
    world.clock.advance(30)
    #expect(try await ask(["okta", "second"]) == .gone(reason: "its provider says that the identity is gone"))
    #expect(try await ask(["blind", "okta", "second"]) == .unknown)
  }

  @Test("a federation without access to a management API is not asked")
  func noAccess() async throws {
    #expect(try await ask(kind: "KubernetesFederation") == .unknown)
    #expect(provider.asked == 0)
  }
}
