import FederationAPI
import HTTPClient
import Logging
import TTRPC
import TestSupport
import Testing

/// Several servers on one ledger in PostgreSQL.
@Suite(.serialized) struct ReplicaTests {
  private func generate(
    _ world: DatabaseWorld, _ connection: FederationRPCClient, _ generator: GeneratorReference = DatabaseWorld.role
  ) async throws(RPCError) -> [String: SecretBytes] {
    let credentials: FederationRPCClient.Credentials
    do { credentials = try world.credentials(pod: "pod") } catch { throw RPCError(.internal, "\(error)") }
    return try await connection.generate(
      GenerateRequest(generator: generator, caCertificates: world.ca.certificatePEM), credentials: credentials)
  }

  @Test("what one replica makes the other takes back, and reaping passes on within 15 s of the reaper's death")
  func takeover() async throws {
    let world = try await DatabaseWorld(.postgresql)
    let first = try await world.startServer()
    _ = try await first.process.stderr.waitForLine(containing: "reaper_leads")
    let second = try await world.startServer()
    let firstConnection = try await world.connect(first)
    let secondConnection = try await world.connect(second)

    let values = try await generate(world, firstConnection)
    #expect(try await world.logsIn(values))
    try await secondConnection.revokeSelf(
      RevokeSelfRequest(generator: DatabaseWorld.role, caCertificates: world.ca.certificatePEM),
      credentials: try world.credentials(pod: "pod"))
    #expect(try await world.roles() == [])
    #expect(try await world.states() == [])
    #expect(!second.process.stderr.text.contains("reaper_leads"))

    // What the first made and nobody took back: only a reaper can.
    let name = try await generate(world, firstConnection, DatabaseWorld.shortLived)["username"]?.text ?? ""
    #expect(!name.isEmpty)
    let killed = ContinuousClock.now
    await first.kill()
    _ = try await second.process.stderr.waitForLine(containing: "reaper_leads", timeoutSeconds: 15)
    #expect(ContinuousClock.now - killed < .seconds(15))
    _ = try await second.process.stderr.waitForLine(containing: "\"reason\":\"expired\"", timeoutSeconds: 15)
    #expect(try await world.roles() == [])
    #expect(try await world.states() == [])
    #expect(await second.stop() == .status(0))
  }

  @Test("while PostgreSQL is away callers are told within 2 s, and afterwards nothing is lost")
  func outage() async throws {
    let world = try await DatabaseWorld(.postgresql)
    let server = try await world.startServer()
    let connection = try await world.connect(server)
    let http = try HTTPClient(log: Log(level: .error))
    let before = try await generate(world, connection)
    let credentials = try world.credentials(pod: "pod")

    func askHTTP(_ method: String, _ path: String, _ body: String) async throws -> Int {
      let headers = [
        (name: "Authorization", value: "Bearer \(credentials.token ?? "")"),
        (name: "Content-Type", value: "application/json"),
      ]
      return try await http.send(
        HTTPRequest(
          method: method, url: "https://localhost:\(server.port)\(path)", headers: headers, body: Array(body.utf8),
          caCertificates: world.ca.certificatePEM, timeoutSeconds: 10)
      ).status
    }

    for how in [PostgreSQLServer.Stop.fast, .immediate] {
      await world.database.stop(how)
      let asked = ContinuousClock.now
      await #expect(throws: RPCError.self) { try await generate(world, connection) }
      do throws(RPCError) {
        _ = try await generate(world, connection)
        Issue.record("a credential without a ledger")
      } catch {
        #expect(error.code == .unavailable)
      }
      #expect(ContinuousClock.now - asked < .seconds(4))
      let single = ContinuousClock.now
      #expect(try await askHTTP("POST", "/generators/team/PostgreSql/orders", "{}") == 503)
      #expect(ContinuousClock.now - single < .seconds(2))
      #expect(try await askHTTP("DELETE", "/generators/team/PostgreSql/orders", "") == 503)
      #expect(try await askHTTP("POST", "/generators/team/revoke", #"{"owner":"pod"}"#) == 503)
      // What needs no ledger goes on.
      #expect(try await askHTTP("POST", "/secretstore/fixed/secrets/k", "{}") == 200)
      try await world.database.start()
      let after = try await recovered(world, connection)
      #expect(try await world.logsIn(after))
      #expect(try await world.logsIn(before))
    }
    #expect(try await world.settled() == 0)
    let live = try await world.states()
    #expect(Set(live.map(DatabaseWorld.role)) == (try await world.roles()))
    #expect(live.count == 3)
    #expect(await server.stop() == .status(0))
  }

  /// A credential, as soon as the server has found its ledger again.
  private func recovered(
    _ world: DatabaseWorld, _ connection: FederationRPCClient
  ) async throws -> [String: SecretBytes] {
    let deadline = ContinuousClock.now + .seconds(10)
    while true {
      do throws(RPCError) {
        return try await generate(world, connection)
      } catch {
        guard ContinuousClock.now < deadline else { throw error }
      }
      try await Task.sleep(for: .milliseconds(100))
    }
  }
}
