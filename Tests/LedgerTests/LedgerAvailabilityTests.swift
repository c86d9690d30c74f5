import FederationAPI
import Foundation
import Ledger
import SQLite
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct LedgerAvailabilityTests {
  @Test(
    "while PostgreSQL is stopped each of 20 calls fails within 2 s, and all work again after",
    arguments: [PostgreSQLServer.Stop.fast, .immediate])
  func stopAndStart(how: PostgreSQLServer.Stop) async throws {
    let server = try await PostgreSQLServer()
    let ledger = try await LedgerLocation.postgreSQL(SecretBytes(server.url())).open()
    #expect(try await ledger.leads())
    try await ledger.announce(.made("before", by: ledger))
    async let stopping: Void = server.stop(how)
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<20 {
        group.addTask { await expectInTime(server) { try await ledger.announce(.made("during\(number)", by: ledger)) } }
      }
    }
    await stopping
    await expectFailures(ledger)
    try await server.start()
    #expect(try await ledger.names().contains("before"))
    #expect(try await ledger.leads())
    try await ledger.announce(.made("after", by: ledger))
    #expect(try await ledger.confirm(.made("after", by: ledger)))
    await ledger.close()
  }

  @Test("while PostgreSQL hangs calls fail within 2 s, and work again after")
  func frozen() async throws {
    let server = try await PostgreSQLServer()
    let ledger = try await LedgerLocation.postgreSQL(SecretBytes(server.url())).open()
    #expect(try await ledger.leads())
    try server.freeze(true)
    await expectFailures(ledger)
    try server.freeze(false)
    try await ledger.announce(.made("after", by: ledger))
    #expect(try await ledger.names() == ["after"])
    await ledger.close()
  }

  @Test("a SQLite file that another process keeps locked is unavailable within 2 s, and readable all the while")
  func lockedFile() async throws {
    let kept = try await LedgerBackend.sqlite.place().openKept()
    let path = try #require(kept.place.directory).path
    let blocker = try ChildProgram(
      path: "/usr/bin/python3",
      arguments: [
        "-c",
        [
          "import signal, sqlite3, sys", "c = sqlite3.connect(sys.argv[1], isolation_level=None)",
          "c.execute('BEGIN IMMEDIATE')", "print('locked', flush=True)", "signal.pause()",
        ].joined(separator: "\n"), path + "/ledger.db",
      ])
    _ = try await blocker.stdout.waitForLine(prefix: "locked")
    let clock = ContinuousClock()
    let taken = await clock.measure {
      let error = await #expect(throws: LedgerError.self) {
        try await kept.ledger.announce(.made("a", by: kept.ledger))
      }
      #expect(error?.kind == .unavailable)
    }
    #expect(taken < .seconds(2))
    #expect(try await kept.ledger.names() == [])
    blocker.signal(SIGKILL)
    _ = await blocker.wait()
    try await kept.ledger.announce(.made("a", by: kept.ledger))
  }

  private func expectFailures(_ ledger: any Ledger) async {
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<20 {
        group.addTask {
          let taken = await ContinuousClock().measure {
            let error = await #expect(throws: LedgerError.self) {
              switch number % 7 {
              case 0: try await ledger.announce(.made("x", by: ledger))
              case 1: _ = try await ledger.leads()
              case 2: _ = try await ledger.dead(among: ["x"])
              case 3: try await ledger.append([.made("x")])
              case 4: _ = try await ledger.states(StateFilter(), limit: 1)
              case 5: _ = try await ledger.confirm(.made("before", by: ledger))
              default: _ = try await ledger.identities(name: nil)
              }
            }
            #expect(error?.kind == .unavailable)
          }
          #expect(taken < .seconds(2))
        }
      }
    }
  }
}

/// A call while the server is about to stop works or is told that the ledger is away, within 2 s.
private func expectInTime(_ server: PostgreSQLServer, _ call: () async throws -> Void) async {
  let taken = await ContinuousClock().measure {
    do { try await call() } catch { #expect((error as? LedgerError)?.kind == .unavailable) }
  }
  #expect(taken < .seconds(2))
}
