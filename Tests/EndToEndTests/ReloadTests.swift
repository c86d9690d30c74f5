import FederationAPI
import Foundation
import Logging
import TestSupport
import Testing
import Transport

@Suite struct ReloadTests {
  @Test("a changed file takes effect by itself, a broken one changes nothing and says so, SIGHUP reloads too")
  func reloads() async throws {
    let server = try await ServedFederation.start()
    let group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let client = try await server.connect(in: group)
    func get() async -> RPCError? {
      do {
        _ = try await client.getSecret(server.request("key-1"), credentials: server.credentials)
        return nil
      } catch { return error }
    }
    #expect(await get() == nil)

    try server.rewriteManifests(ServedFederation.manifests(issuer: server.issuer.url, stores: "[]"))
    _ = try await server.process.stderr.waitForLine(containing: "\"generation\":\"2\"")
    #expect(await get() == .notAuthorized)

    try server.rewriteManifests("kind: Nonsense\n")
    let failure = try await server.process.stderr.waitForLine(containing: "manifest_reload_failed")
    #expect(failure.contains("the last good manifests") && failure.contains("all.yaml:1"))
    #expect(await get() == .notAuthorized)

    try server.rewriteManifests(ServedFederation.manifests(issuer: server.issuer.url))
    _ = try await server.process.stderr.waitForLine(containing: "\"generation\":\"3\"")
    #expect(await get() == nil)

    server.process.signal(SIGHUP)
    _ = try await server.process.stderr.waitForLine(containing: "certificates_reloaded")
    _ = try await server.process.stderr.waitForLine(containing: "\"generation\":\"4\"")
    #expect(await get() == nil, "the connection of before lives on")
    #expect(await server.stop() == .status(0))
    await group.shutDown(graceSeconds: 1)
  }
}
