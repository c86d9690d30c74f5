import FederationAPI
import Ledger
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct LedgerConcurrencyTests {
  @Test(
    "200 lives at once from two ledgers: what was revoked is not live, and nothing is lost",
    arguments: LedgerBackend.allCases)
  func lives(backend: LedgerBackend) async throws {
    let place = try await backend.place()
    let ledgers = [try await place.open(), try await place.open()]
    let confirmed = try await withThrowingTaskGroup(of: (String, Bool).self) { group in
      for number in 0..<200 {
        let (ledger, other) = (ledgers[number % 2], ledgers[(number + 1) % 2])
        group.addTask {
          let state = GeneratorState.made(
            "s\(number)", by: ledger, owner: "pod-\(number % 5)", identity: .workload("\(number % 3)"))
          try await ledger.announce(state)
          async let revoked =
            number % 4 == 0 ? other.markForRevocation(.matching { $0.name = state.name }, reason: "r") : []
          let isLive = try await ledger.confirm(state)
          _ = try await revoked
          return (state.name, isLive)
        }
      }
      return try await group.reduce(into: [String: Bool]()) { $0[$1.0] = $1.1 }
    }
    let states = try await ledgers[0].states(StateFilter(), limit: 1_000)
    #expect(states.count == 200)
    for state in states {
      let isRevoked = (Int(state.name.dropFirst()) ?? 0) % 4 == 0
      #expect(state.phase == (isRevoked ? .revoking : .live))
      if !isRevoked { #expect(confirmed[state.name] == true) }
    }
    let names = confirmed.filter(\.value).map(\.key)
    // Each confirmation is in the trail and in its record, once; ids have no gap and no double.
    let trail = try await ledgers[1].audit(AuditFilter(), limit: 1_000)
    #expect(Set(trail.map(\.target)) == Set(names))
    #expect(trail.map(\.id) == Array(1...Int64(names.count)))
    let given = try await ledgers[1].identities(name: nil).flatMap(\.issuedCredentials)
    #expect(given.count == names.count)
    // All are cleaned up at once, by both.
    try await withThrowingTaskGroup(of: Void.self) { group in
      for state in states {
        for ledger in ledgers { group.addTask { try await ledger.forget(state.name, audit: .made("gone")) } }
      }
      try await group.waitForAll()
    }
    #expect(try await ledgers[0].names() == [])
    #expect(try await ledgers[0].targets().filter { $0 == "gone" }.count == 200)
    #expect(try await ledgers[0].identities(name: nil).flatMap(\.issuedCredentials) == [])
    for ledger in ledgers { await ledger.close() }
  }

  @Test("records of the same identities written in opposite orders all come through", arguments: LedgerBackend.allCases)
  func noDeadlock(backend: LedgerBackend) async throws {
    let place = try await backend.place()
    let ledgers = [try await place.open(), try await place.open()]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<40 {
        group.addTask {
          let identities = (0..<5).map { IdentityReference.workload("\($0)") }
          let issued = (number % 2 == 0 ? identities : identities.reversed()).map { identity in
            (
              identity,
              IssuedCredential(
                source: .secret(store: "s", key: "\(number % 10)"), workload: nil, lastIssuedAtSeconds: Int64(number))
            )
          }
          try await ledgers[number % 2].record(issued)
        }
      }
      try await group.waitForAll()
    }
    #expect(try await ledgers[0].identities(name: nil).map(\.issuedCredentials.count) == [10, 10, 10, 10, 10])
    for ledger in ledgers { await ledger.close() }
  }

  @Test("several processes that make the tables at once all get a ledger", arguments: LedgerBackend.allCases)
  func opening(backend: LedgerBackend) async throws {
    let place = try await backend.place()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<6 {
        group.addTask {
          let ledger = try await place.open()
          try await ledger.announce(.made("s\(number)", by: ledger))
          await ledger.close()
        }
      }
      try await group.waitForAll()
    }
    let ledger = try await place.open()
    #expect(try await ledger.names().count == 6)
    await ledger.close()
  }
}
