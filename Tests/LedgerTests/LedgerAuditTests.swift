import FederationAPI
import Ledger
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct LedgerAuditTests {
  private func filter(_ change: (inout AuditFilter) -> Void) -> AuditFilter {
    var filter = AuditFilter()
    change(&filter)
    return filter
  }

  @Test("an entry comes back as it was written, with its id", arguments: LedgerBackend.allCases)
  func roundTrip(backend: LedgerBackend) async throws {
    let kept = try await backend.place().openKept()
    var full = AuditEntry(
      atMilliseconds: 1_700_000_000_123, action: .readSecret, outcome: "PERMISSION_DENIED",
      identity: AuditIdentity(
        method: .spiffe, provider: "td", subject: "spiffe://td/a",
        federations: [FederationReference(kind: "SpiffeFederation", name: "mesh")]), target: "s/k",
      stateName: "st", owner: "ow", peer: "[::1]:5", detail: "why", count: 17)
    var bare = AuditEntry(atMilliseconds: 0, action: .cleanUp, outcome: "ok", identity: nil, target: "")
    try await kept.ledger.append([full, bare])
    (full.id, bare.id) = (1, 2)
    #expect(try await kept.ledger.audit(AuditFilter(), limit: 10) == [full, bare])
  }

  @Test("each condition counts; a limit gives the newest, or the next after an id", arguments: LedgerBackend.allCases)
  func filtering(backend: LedgerBackend) async throws {
    let kept = try await backend.place().openKept()
    let ledger = kept.ledger
    let entries = (1...500).map { number -> AuditEntry in
      let subject: String? = number % 3 == 0 ? nil : "s\(number % 3)"
      return .made(
        "t\(number)", at: Int64(number), action: number % 2 == 0 ? .revoke : .generate,
        outcome: number % 5 == 0 ? "UNAVAILABLE" : "ok", subject: subject)
    }
    try await ledger.append(entries)
    #expect(try await ledger.targets(limit: 3) == ["t498", "t499", "t500"])
    #expect(try await ledger.targets(filter { $0.afterID = 10 }, limit: 2) == ["t11", "t12"])
    #expect(try await ledger.targets(filter { $0.sinceMilliseconds = 499 }) == ["t499", "t500"])
    #expect(try await ledger.targets(filter { $0.untilMilliseconds = 3 }) == ["t1", "t2"])
    #expect(try await ledger.targets(filter { $0.action = .revoke }, limit: 2) == ["t498", "t500"])
    #expect(try await ledger.targets(filter { $0.outcome = "UNAVAILABLE" }, limit: 1) == ["t500"])
    #expect(try await ledger.targets(filter { $0.subject = "s1" }, limit: 1) == ["t499"])
    #expect(try await ledger.targets(filter { $0.target = "t7" }) == ["t7"])
    #expect(try await ledger.targets(filter { $0.target = "t" }) == [])
    var paged: [String] = []
    var last: Int64 = 0
    while true {
      let page = try await ledger.audit(filter { $0.afterID = last }, limit: 90)
      guard let end = page.last else { break }
      paged += page.map(\.target)
      last = end.id
    }
    #expect(paged == (1...500).map { "t\($0)" })
  }

  @Test("whoever follows by id while others write misses nothing", arguments: LedgerBackend.allCases)
  func following(backend: LedgerBackend) async throws {
    let place = try await backend.place()
    let ledgers = [try await place.open(), try await place.open()]
    let reader = try await place.open()
    let ending = Ending()
    let writing = Task {
      defer { ending.hasCome.store(true, ordering: .releasing) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<150 {
          group.addTask { try await ledgers[number % 2].append([.made("\(number)"), .made("+")]) }
        }
        try await group.waitForAll()
      }
    }
    var seen: [Int64] = []
    var isLast = false
    while !isLast {
      // Also where writing fails: what it failed of is thrown below.
      isLast = ending.hasCome.load(ordering: .acquiring)
      while true {
        let page = try await reader.audit(filter { $0.afterID = seen.last ?? 0 }, limit: 7).map(\.id)
        guard !page.isEmpty else { break }
        seen += page
      }
    }
    try await writing.value
    #expect(seen == Array(1...300))
    for ledger in ledgers + [reader] { await ledger.close() }
  }

  @Test("trimming removes what is older, however much, and ids go on", arguments: LedgerBackend.allCases)
  func trimming(backend: LedgerBackend) async throws {
    let kept = try await backend.place().openKept()
    try await kept.ledger.append((1...11_000).map { .made("t", at: Int64($0)) })
    #expect(try await kept.ledger.trimAudit(olderThanMilliseconds: 10_999) == 10_998)
    #expect(try await kept.ledger.trimAudit(olderThanMilliseconds: 20_000) == 2)
    try await kept.ledger.append([.made("next")])
    #expect(try await kept.ledger.audit(AuditFilter(), limit: 9).map(\.id) == [11_001])
  }
}

/// Whether writing has ended.
private final class Ending: Sendable {
  let hasCome = Atomic<Bool>(false)
}
