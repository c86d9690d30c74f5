import FederationAPI
import TTRPC
import TestSupport
import Testing

/// WatchSecrets on the port for SVIDs.
@Suite(.timeLimit(.minutes(2))) struct SPIFFEWatchTests {
  private static let wires = [SPIFFEWorld.Wire.ttrpc, .grpc]

  private func watch(_ world: SPIFFEWorld, _ wire: SPIFFEWorld.Wire) async throws -> WatchSecretsCall {
    let caller = try await world.connect(world.authority.issueSVID(SPIFFEWorld.id), over: wire)
    guard case .rpc(let client) = caller else { throw TestSupportError("no wire with streams") }
    let secret = SecretReference(store: "app", key: "password")
    return try FederationRPCClient(client: client).watchSecrets(WatchSecretsRequest(secrets: [secret]))
  }

  @Test("a watch goes on through reloads while its SVID is good, and ends with the SVID's grant", arguments: wires)
  func grant(wire: SPIFFEWorld.Wire) async throws {
    let world = try await SPIFFEWorld()
    let call = try await watch(world, wire)
    #expect(try await call.change().kind == .value(SecretBytes("s3cret")))
    try world.manifests.write(ManifestText.store("app", [("password", "changed")]), to: "stores.yaml")
    world.server.reload()
    #expect(try await call.change().kind == .value(SecretBytes("changed")))
    try world.grant([SPIFFEWorld.workload("keeper")])
    #expect(await call.failure() == .unauthenticated)
    await world.stop()
  }

  @Test("a watch that is to be renewed by a token ends", arguments: wires)
  func token(wire: SPIFFEWorld.Wire) async throws {
    let world = try await SPIFFEWorld()
    let call = try await watch(world, wire)
    _ = try await call.change()
    try call.renew(token: "a.b.c", caCertificates: [])
    #expect(await call.failure() == .unauthenticated)
    await world.stop()
  }
}
