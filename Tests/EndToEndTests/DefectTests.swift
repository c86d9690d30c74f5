import FederationServer
import HTTPClient
import Logging
import TestSupport
import Testing

/// Defects of docs/SECURITY.md that take more than one question to see; the others are in the conformance table.
@Suite struct DefectTests {
  @Test("D1: many callers make the issuer be asked once")
  func keysAreFetchedOnce() async throws {
    let world = try await RunningFederation()
    let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<50 {
        let token = try world.token()
        group.addTask { try await world.ask(token).status }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(statuses == Array(repeating: 200, count: 50))
    #expect(world.issuer.requests.map(\.target) == ["/.well-known/openid-configuration", "/openid/v1/jwks"])
    await world.stop()
  }

  @Test("D6: the caller's token does not travel to an issuer that does not ask for it")
  func tokenStaysHere() async throws {
    let world = try await RunningFederation()
    #expect(try await world.ask(try world.token()).status == 200)
    #expect(world.issuer.requests.count == 2)
    #expect(world.issuer.requests.allSatisfy { $0.authorization == nil })
    await world.stop()
  }

  @Test("D6: it travels to one that does only when an Authorization for its subject names the federation")
  func tokenOnlyForNamedSubjects() async throws {
    let world = try await RunningFederation(requiresToken: true)
    let stranger = try world.token(["sub": "system:serviceaccount:apps:stranger"])
    #expect(try await world.ask(stranger).status == 401)
    #expect(world.issuer.requests.allSatisfy { $0.authorization == nil })
    let token = try world.token()
    #expect(try await world.ask(token).status == 200)
    #expect(world.issuer.requests.compactMap(\.authorization) == ["Bearer \(token)", "Bearer \(token)"])
    await world.stop()
  }

  @Test("D12: no body at all will do once the cluster's keys are here")
  func emptyBody() async throws {
    let world = try await RunningFederation()
    #expect(try await world.ask(try world.token(), body: "").status == 401)
    #expect(try await world.ask(try world.token()).status == 200)
    #expect(try await world.ask(try world.token(), body: "").status == 200)
    await world.stop()
  }

  @Test("D13: what is narrowed or removed is gone with the next request, and what comes back is there")
  func revocation() async throws {
    let world = try await RunningFederation()
    let token = try world.token()
    #expect(try await world.ask(token).status == 200)
    try world.grant(["elsewhere"])
    #expect(try await world.ask(token).status == 404)
    try world.grant(["app"])
    #expect(try await world.ask(token).status == 200)
    try world.grant(nil)
    #expect(try await world.ask(token).status == 401)
    await world.stop()
  }

  @Test("D13: a removed federation vouches for nobody any more")
  func removedFederation() async throws {
    let world = try await RunningFederation()
    let token = try world.token()
    #expect(try await world.ask(token).status == 200)
    try world.manifests.write("", to: "federation.yaml")
    try world.grant(nil)
    #expect(try await world.ask(token).status == 401)
    await world.stop()
  }

  @Test("a broken manifest keeps the last good state")
  func brokenReload() async throws {
    let world = try await RunningFederation()
    try world.manifests.write("kind: [", to: "broken.yaml")
    try world.grant(nil)
    #expect(try await world.ask(try world.token()).status == 200)
    await world.stop()
  }

  @Test("D24: the port does not speak plain HTTP")
  func plaintextIsRefused() async throws {
    let world = try await RunningFederation()
    let client = try HTTPClient(log: Log(level: .error))
    let request = HTTPRequest(
      method: "POST", url: "http://127.0.0.1:\(world.server.address.port)/secretstore/app/secrets/password",
      allowsPlaintext: true)
    await #expect(throws: HTTPClientError.self) { try await client.send(request) }
    client.close()
    await world.stop()
  }
}
