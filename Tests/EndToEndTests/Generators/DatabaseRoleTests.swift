import FederationAPI
import TTRPC
import TestSupport
import Testing

/// Roles of a real PostgreSQL 15: what is made can be used, and what is revoked is gone.
@Suite(.serialized) struct DatabaseRoleTests {
  private static let clients = 20
  private static let rolesOfEach = 10

  @Test(
    "200 roles for 20 clients at once all log in, and revoked they leave neither role nor state",
    arguments: DatabaseWorld.LedgerKind.allCases)
  func manyRoles(_ kind: DatabaseWorld.LedgerKind) async throws {
    let world = try await DatabaseWorld(kind)
    let server = try await world.startServer()
    let made = try await withThrowingTaskGroup(of: [[String: SecretBytes]].self) { group in
      for client in 0..<Self.clients { group.addTask { try await Self.generate(client, server, world) } }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(made.count == 200)
    let names = Set(made.compactMap { $0["username"]?.text })
    #expect(names.count == 200)
    #expect(try await world.roles() == names)
    for values in made { #expect(try await world.logsIn(values)) }
    let states = try await world.states()
    #expect(Set(states.map(DatabaseWorld.role)) == names)
    #expect(states.allSatisfy { $0.phase == .live })
    // No password is anywhere in what the server keeps or says.
    let export = try world.command("ledger", "export")
    #expect(await export.wait() == .status(0))
    for password in made.compactMap({ $0["password"]?.text }) {
      #expect(!export.stdout.text.contains(password) && !server.process.stderr.text.contains(password))
    }

    try await withThrowingTaskGroup(of: Void.self) { group in
      for client in 0..<Self.clients { group.addTask { try await Self.revoke(client, server, world) } }
      try await group.waitForAll()
    }
    #expect(try await world.roles() == [])
    #expect(try await world.states() == [])
    for values in made.prefix(5) { #expect(try await !world.logsIn(values)) }
    #expect(await server.stop() == .status(0))
  }

  private static func generate(
    _ client: Int, _ server: ServerProcess, _ world: DatabaseWorld
  ) async throws -> [[String: SecretBytes]] {
    let connection = try await world.connect(server)
    let credentials = try world.credentials(pod: "pod-\(client)")
    let request = GenerateRequest(generator: DatabaseWorld.role, caCertificates: world.ca.certificatePEM)
    return try await withThrowingTaskGroup(of: [String: SecretBytes].self) { group in
      for _ in 0..<rolesOfEach {
        group.addTask { try await connection.generate(request, credentials: credentials) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }

  private static func revoke(_ client: Int, _ server: ServerProcess, _ world: DatabaseWorld) async throws {
    let connection = try await world.connect(server)
    let request = RevokeSelfRequest(generator: DatabaseWorld.role, caCertificates: world.ca.certificatePEM)
    try await connection.revokeSelf(request, credentials: try world.credentials(pod: "pod-\(client)"))
  }
}
