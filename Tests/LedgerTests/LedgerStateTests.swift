import FederationAPI
import Ledger
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct LedgerStateTests {
  @Test(
    "a state is announced, confirmed, revoked, postponed and forgotten, and each step is seen by others",
    arguments: LedgerBackend.allCases)
  func life(backend: LedgerBackend) async throws {
    let place = try await backend.place()
    let ledger = try await place.open()
    let other = try await place.open()
    let state = GeneratorState.made("one", by: ledger)
    try await ledger.announce(state)
    #expect(try await other.states(StateFilter(), limit: 10) == [state])
    #expect(try await other.countStates() == [.pending: 1, .live: 0, .revoking: 0])
    #expect(try await ledger.confirm(state))
    #expect(try await other.countStates() == [.pending: 0, .live: 1, .revoking: 0])
    var expected = state
    expected.phase = .live
    #expect(try await other.states(StateFilter(), limit: 10) == [expected])
    let record = AuthorizedIdentity(
      name: state.identity.recordName, identity: state.identity, issuedCredentials: [state.credential])
    #expect(try await other.identities(name: state.identity.recordName) == [record])
    #expect(try await other.targets() == ["one"])
    // A credential is handed out once.
    #expect(try await ledger.confirm(state) == false)
    #expect(try await other.targets() == ["one"])

    expected.phase = .revoking
    expected.revocationReason = "expired"
    #expect(try await other.markForRevocation(.matching { $0.name = "one" }, reason: "expired") == [expected])
    // The first reason stays, and what is being revoked is given again.
    #expect(try await other.markForRevocation(.matching { $0.name = "one" }, reason: "again") == [expected])
    try await other.postpone("one", until: 77, error: "role is in use")
    expected.attempts = 1
    expected.nextAttemptAtSeconds = 77
    expected.lastError = "role is in use"
    #expect(try await ledger.states(StateFilter(), limit: 10) == [expected])
    #expect(try await ledger.names(.matching { $0.dueBySeconds = 76 }) == [])
    #expect(try await ledger.names(.matching { $0.dueBySeconds = 77 }) == ["one"])

    try await other.forget("one", audit: .made("gone"))
    try await ledger.forget("one", audit: .made("gone twice"))
    #expect(try await ledger.names() == [])
    #expect(try await ledger.targets() == ["one", "gone"])
    #expect(try await ledger.identities(name: nil).map(\.issuedCredentials) == [[]])
    await ledger.close()
    await other.close()
  }

  @Test(
    "a lease takes the place of what was announced, and is not taken for a state that was revoked",
    arguments: LedgerBackend.allCases)
  func lease(backend: LedgerBackend) async throws {
    let kept = try await backend.place().openKept()
    let ledger = kept.ledger
    func confirm(_ state: GeneratorState, _ lease: StateLease) async throws -> Bool {
      try await ledger.confirm(
        state.name, lease: lease, issued: state.credential, to: state.identity, audit: .made(state.name))
    }
    for end in [nil, 99] as [Int64?] {
      var state = GeneratorState.made("lease-\(end ?? 0)", by: ledger)
      try await ledger.announce(state)
      #expect(try await confirm(state, StateLease(state: #"{"lease":"a/b"}"#, expiresAtSeconds: end)))
      state.phase = .live
      state.state = #"{"lease":"a/b"}"#
      if let end { state.expiresAtSeconds = end }
      #expect(try await ledger.states(.matching { $0.name = state.name }, limit: 10) == [state])
    }
    let revoked = GeneratorState.made("revoked", by: ledger)
    try await ledger.announce(revoked)
    _ = try await ledger.markForRevocation(.matching { $0.name = revoked.name }, reason: "gone")
    #expect(try await confirm(revoked, StateLease(state: "{}", expiresAtSeconds: 99)) == false)
    let left = try await ledger.states(.matching { $0.name = revoked.name }, limit: 10)
    #expect(left.map(\.state) == [revoked.state])
    #expect(left.map(\.expiresAtSeconds) == [revoked.expiresAtSeconds])
  }

  @Test(
    "a state that was revoked while pending does not become live, and leaves no trace of a confirmation",
    arguments: LedgerBackend.allCases)
  func revokedWhilePending(backend: LedgerBackend) async throws {
    let ledger = try await backend.place().openKept()
    let state = GeneratorState.made("one", by: ledger.ledger)
    try await ledger.ledger.announce(state)
    _ = try await ledger.ledger.markForRevocation(StateFilter(), reason: "revoked")
    #expect(try await ledger.ledger.confirm(state) == false)
    #expect(try await ledger.ledger.targets() == [])
    #expect(try await ledger.ledger.identities(name: nil) == [])
  }

  @Test(
    "the manifests of states are told once each, by the kinds of their generators", arguments: LedgerBackend.allCases)
  func resources(backend: LedgerBackend) async throws {
    let kept = try await backend.place().openKept()
    let ledger = kept.ledger
    for (name, kind, resource) in [
      ("one", "PostgreSql", "a"), ("two", "PostgreSql", "a"), ("three", "PostgreSql", "b \u{0}"), ("four", "MFA", "c"),
    ] {
      var state = GeneratorState.made(name, by: ledger)
      state.generator.kind = kind
      state.resource = resource
      try await ledger.announce(state)
    }
    _ = try await ledger.markForRevocation(.matching { $0.name = "two" }, reason: "gone")
    #expect(try await ledger.resources(ofKinds: ["PostgreSql", "Other"]).sorted() == ["a", "b \u{0}"])
    #expect(try await ledger.resources(ofKinds: ["PostgreSql", "MFA"]).sorted() == ["a", "b \u{0}", "c"])
    #expect(try await ledger.resources(ofKinds: []) == [])
    // A state that is still being revoked counts, and one that is forgotten does not.
    try await ledger.forget("one", audit: nil)
    #expect(try await ledger.resources(ofKinds: ["PostgreSql"]).sorted() == ["a", "b \u{0}"])
    try await ledger.forget("two", audit: nil)
    #expect(try await ledger.resources(ofKinds: ["PostgreSql"]) == ["b \u{0}"])
  }

  @Test(
    "all federations that vouched for a credential are kept, of its record and in the trail as well; none is invalid",
    arguments: LedgerBackend.allCases)
  func federations(backend: LedgerBackend) async throws {
    let kept = try await backend.place().openKept()
    for (number, names) in [["b", "a"], ["c", "a", "b"], ["\"],[\u{0}", "é", ""]].enumerated() {
      let who = IdentityReference.workload("s\(number)", federations: Set(names))
      let state = GeneratorState.made("s\(number)", by: kept.ledger, created: Int64(number), identity: who)
      var entry = AuditEntry.made("t\(number)")
      entry.identity?.federations = who.federations
      try await kept.ledger.announce(state)
      #expect(
        try await kept.ledger.confirm(state.name, lease: nil, issued: state.credential, to: who, audit: entry))
      let found = try await kept.ledger.states(.matching { $0.name = state.name }, limit: 9)
      #expect(found.map(\.identity.federations) == [who.federations])
      #expect(try await kept.ledger.identities(name: who.recordName).map(\.identity) == [who])
      #expect(try await kept.ledger.audit(AuditFilter(), limit: 1).map(\.identity?.federations) == [who.federations])
    }
    let nobody = GeneratorState.made("none", by: kept.ledger, identity: .workload("s", federations: []))
    let refused = await #expect(throws: LedgerError.self) { try await kept.ledger.announce(nobody) }
    #expect(refused?.kind == .invalid)
  }

  @Test("a name that is taken is a conflict, one that is too long is invalid", arguments: LedgerBackend.allCases)
  func conflict(backend: LedgerBackend) async throws {
    let kept = try await backend.place().openKept()
    let state = GeneratorState.made("one", by: kept.ledger)
    try await kept.ledger.announce(state)
    let taken = await #expect(throws: LedgerError.self) { try await kept.ledger.announce(state) }
    #expect(taken?.kind == .conflict)
    let long = GeneratorState.made(String(repeating: "x", count: 1 << 20), by: kept.ledger)
    let refused = await #expect(throws: LedgerError.self) { try await kept.ledger.announce(long) }
    #expect(refused?.kind == .invalid)
    #expect(try await kept.ledger.names() == ["one"])
  }

  @Test(
    "each condition of a filter counts, states come by creation, and a limit cuts the newest off",
    arguments: LedgerBackend.allCases)
  func filters(backend: LedgerBackend) async throws {
    let kept = try await backend.place().openKept()
    let ledger = kept.ledger
    let b = IdentityReference.workload("s", provider: "https://b.example")
    try await ledger.announce(.made("late", by: ledger, expires: nil, created: 30))
    try await ledger.announce(.made("early", by: ledger, owner: "pod-2", expires: 50, created: 10, identity: b))
    try await ledger.announce(.made("middle", by: ledger, expires: 60, created: 20, generator: "mq"))
    #expect(try await ledger.names() == ["early", "middle", "late"])
    #expect(try await ledger.states(StateFilter(), limit: 2).map(\.name) == ["early", "middle"])
    #expect(try await ledger.states(StateFilter(), limit: 0) == [])
    #expect(try await ledger.names(.matching { $0.name = "late" }) == ["late"])
    #expect(try await ledger.names(.matching { $0.namespace = "app" }) == [])
    #expect(try await ledger.names(.matching { $0.generatorKind = "postgresql" }) == [])
    #expect(try await ledger.names(.matching { $0.generatorName = "mq" }) == ["middle"])
    #expect(try await ledger.names(.matching { $0.ownerLabel = "pod-2" }) == ["early"])
    #expect(try await ledger.names(.matching { $0.expiringBySeconds = 50 }) == ["early"])
    #expect(try await ledger.names(.matching { $0.subject = "s" }) == ["early", "middle", "late"])
    let identity = AuditIdentity(method: b.method, provider: b.provider, subject: b.subject)
    #expect(try await ledger.names(.matching { $0.identity = identity }) == ["early"])
    _ = try await ledger.markForRevocation(.matching { $0.ownerLabel = "pod-2" }, reason: "r")
    #expect(try await ledger.names(.matching { $0.phases = [.revoking, .live] }) == ["early"])
    #expect(try await ledger.names(.matching { $0.phases = [] }) == [])
    #expect(
      try await ledger.markForRevocation(.matching { $0.phases = [.pending] }, reason: "r").map(\.name) == [
        "middle", "late",
      ])
  }

  @Test("texts of any shape come back as they were written", arguments: LedgerBackend.allCases)
  func hostileTexts(backend: LedgerBackend) async throws {
    let kept = try await backend.place().openKept()
    let ledger = kept.ledger
    let texts = [
      "'; DROP TABLE ledger_state; --", "$1 ? :a @b", "\"\\", "a\u{0}b", "\u{FFFF}0", "\u{0}\u{FFFF}1", "é", "e\u{301}",
      "\u{10FFFF}🔑", "", String(repeating: "ü", count: 1 << 19),
    ]
    var states: [GeneratorState] = []
    for (number, text) in texts.enumerated() {
      var state = GeneratorState.made(
        "s\(number)", by: ledger, created: Int64(number), identity: .workload(text, provider: text))
      state.owner.name = text
      state.owner.attributes = [text: text]
      state.resource = text
      try await ledger.announce(state)
      #expect(try await ledger.confirm(state))
      try await ledger.record([
        (
          state.identity,
          IssuedCredential(source: .secret(store: text, key: text), workload: nil, lastIssuedAtSeconds: 5_000)
        )
      ])
      try await ledger.append([.made(text, subject: text)])
      state.phase = .live
      states.append(state)
    }
    #expect(try await ledger.states(StateFilter(), limit: 100) == states)
    for text in texts {
      #expect(
        try await ledger.states(.matching { $0.subject = text }, limit: 9).map { Array($0.identity.subject.utf8) } == [
          Array(text.utf8)
        ])
      var filter = AuditFilter()
      filter.target = text
      let found = try await ledger.audit(filter, limit: 10)
      #expect(found.map { Array($0.target.utf8) } == [Array(text.utf8)])
      let record = try await ledger.identities(name: IdentityReference.workload(text, provider: text).recordName)
      #expect(record.first?.issuedCredentials.last?.source == .secret(store: text, key: text))
    }
  }
}

/// A ledger with what has to live as long.
struct KeptLedger {
  let place: LedgerPlace
  let ledger: any Ledger
}

extension LedgerPlace {
  func openKept() async throws -> KeptLedger { KeptLedger(place: self, ledger: try await open()) }
}
