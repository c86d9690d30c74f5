import FederationAPI
import Foundation
import Glibc
import Synchronization
import TTRPC
import TestSupport
import Testing

/// A server that is killed at any moment loses no role: what the ledger lists as live is what PostgreSQL has.
@Suite(.serialized) struct DatabaseCrashTests {
  private static let kills = 20
  private static let clients = 4

  @Test(
    "D17: killed at 20 random moments, the roles are those that the ledger lists",
    arguments: DatabaseWorld.LedgerKind.allCases)
  func randomKills(_ kind: DatabaseWorld.LedgerKind) async throws {
    let world = try await DatabaseWorld(kind)
    let handedOut = HandedOut()
    var moments: [Int] = []
    for round in 0..<Self.kills {
      let server = try await world.startServer()
      let moment = Int.random(in: 0...400)
      moments.append(moment)
      let work = (0..<Self.clients).map { client in
        Task { await Self.work(client, round, server, world, handedOut) }
      }
      try await Task.sleep(for: .milliseconds(moment))
      await server.kill()
      for task in work { await task.value }
    }
    let server = try await world.startServer()
    let leftovers = try await world.settled()
    #expect(leftovers == 0, "moments of the kills: \(moments)")
    let live = Set(try await world.states().map(DatabaseWorld.role))
    let roles = try await world.roles()
    #expect(roles == live, "moments of the kills: \(moments)")
    // Whatever a client has been given and has not given back is still its own.
    let given = handedOut.all
    #expect(!given.isEmpty)
    #expect(Set(given.keys).isSubset(of: live))
    for values in given.values.prefix(20) { #expect(try await world.logsIn(values)) }

    let connection = try await world.connect(server)
    for client in 0..<Self.clients {
      try await connection.revokeCredentials(
        RevokeCredentialsRequest(namespace: "team", owner: "pod-\(client)", caCertificates: world.ca.certificatePEM),
        credentials: try world.credentials(pod: "operator"))
    }
    #expect(try await world.roles() == [])
    #expect(try await world.states() == [])
    #expect(await server.stop() == .status(0))
  }

  /// Generates and, now and then, revokes until the server is gone.
  private static func work(
    _ client: Int, _ round: Int, _ server: ServerProcess, _ world: DatabaseWorld,
    _ handedOut: HandedOut
  ) async {
    guard let connection = try? await world.connect(server),
      let credentials = try? world.credentials(pod: "pod-\(client)")
    else { return }
    let generate = GenerateRequest(generator: DatabaseWorld.role, caCertificates: world.ca.certificatePEM)
    let revoke = RevokeSelfRequest(generator: DatabaseWorld.role, caCertificates: world.ca.certificatePEM)
    for step in 1... {
      do throws(RPCError) {
        if step % 7 == 0, client == 0 {
          // What is being taken back is nobody's from now on, whether or not the answer arrives.
          handedOut.give(back: client)
          try await connection.revokeSelf(revoke, credentials: credentials)
        } else {
          handedOut.add(try await connection.generate(generate, credentials: credentials), to: client)
        }
      } catch {
        // A limit of PostgreSQL's own connections is not the server's end.
        if error.code == .unavailable || error.code == .cancelled { return }
      }
    }
  }
}

/// What clients hold, by role.
private final class HandedOut: Sendable {
  private let held = Mutex<[String: (client: Int, values: [String: SecretBytes])]>([:])

  var all: [String: [String: SecretBytes]] { held.withLock { $0.mapValues(\.values) } }

  func add(_ values: [String: SecretBytes], to client: Int) {
    held.withLock { $0[values["username"]?.text ?? ""] = (client, values) }
  }

  func give(back client: Int) { held.withLock { held in held = held.filter { $0.value.client != client } } }
}
