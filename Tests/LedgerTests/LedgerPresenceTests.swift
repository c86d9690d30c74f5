import FederationAPI
import Foundation
import Ledger
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct LedgerPresenceTests {
  @Test(
    "one leads; when it is gone the next who asks does, and it was dead only then", arguments: LedgerBackend.allCases)
  func handover(backend: LedgerBackend) async throws {
    let place = try await backend.place()
    let first = try await place.open()
    let second = try await place.open()
    #expect(first.instance != second.instance)
    #expect(try await first.leads())
    #expect(try await first.leads())
    #expect(try await second.leads() == false)
    let instances: Set = [first.instance, second.instance, "never was"]
    #expect(try await second.dead(among: instances) == ["never was"])
    #expect(try await first.dead(among: [first.instance]) == [])
    await first.close()
    try await expectEventually { try await second.leads() }
    #expect(try await second.dead(among: instances) == [first.instance, "never was"])
    #expect(try await second.dead(among: []) == [])
    await second.close()
  }

  @Test("two ledgers in two places do not meet", arguments: LedgerBackend.allCases)
  func apart(backend: LedgerBackend) async throws {
    let one = try await backend.place().openKept()
    let two = try await backend.place().openKept()
    #expect(try await one.ledger.leads())
    #expect(try await two.ledger.leads())
  }

  @Test("a leader whose session the server ended leads no longer, and is alive again at its next call")
  func lostSession() async throws {
    let server = try await PostgreSQLServer.shared()
    let place = try await LedgerBackend.postgreSQL.place()
    let first = try await place.open()
    let second = try await place.open()
    #expect(try await first.leads())
    guard case .postgreSQL(let url) = place.location, let database = (url.text ?? "").split(separator: "/").last else {
      return
    }
    try await server.execute(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory'", in: String(database))
    try await expectEventually { try await second.leads() }
    #expect(try await first.leads() == false)
    #expect(try await second.dead(among: [first.instance]) == [])
    // An announcement shows its instance as well.
    try await server.execute(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory'", in: String(database))
    try await first.announce(.made("one", by: first))
    #expect(try await second.dead(among: [first.instance]) == [])
    await first.close()
    await second.close()
  }

  @Test("a lock file that somebody removed does not make two leaders for good")
  func removedLockFile() async throws {
    let directory = try TemporaryDirectory()
    let first = try await LedgerLocation.directory(directory.path).open()
    #expect(try await first.leads())
    try FileManager.default.removeItem(atPath: directory.path + "/ledger.lock")
    let second = try await LedgerLocation.directory(directory.path).open()
    #expect(try await second.leads())
    #expect(try await first.leads() == false)
    #expect(try await second.dead(among: [first.instance]) == [])
  }

  /// The server lets locks go when it has noticed that the client is gone, which is an event of its own.
  private func expectEventually(_ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < end {
      if try await condition() { return }
    }
    Issue.record("it did not come true in 10 s")
  }
}
