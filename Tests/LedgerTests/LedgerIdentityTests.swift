import FederationAPI
import Ledger
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct LedgerIdentityTests {
  private let pod = WorkloadBinding(kind: "Pod", name: "p", uid: "1", namespace: "n")
  private let who = IdentityReference.workload("who")

  private func secret(_ key: String, _ workload: WorkloadBinding? = nil, at time: Int64 = 1) -> IssuedCredential {
    IssuedCredential(source: .secret(store: "s", key: key), workload: workload, lastIssuedAtSeconds: time)
  }

  @Test("D20: entries match by source, state and workload, and not by time", arguments: LedgerBackend.allCases)
  func matching(backend: LedgerBackend) async throws {
    let kept = try await backend.place().openKept()
    var otherPod = pod
    otherPod.uid = "2"
    let generator = GeneratorReference(namespace: "n", kind: "k", name: "g")
    let different = [
      secret("a"), secret("b"), secret("a", pod), secret("a", otherPod),
      IssuedCredential(source: .secret(store: "t", key: "a"), workload: nil, lastIssuedAtSeconds: 1),
      IssuedCredential(source: .generator(generator, stateName: "x"), workload: nil, lastIssuedAtSeconds: 1),
      IssuedCredential(source: .generator(generator, stateName: "y"), workload: nil, lastIssuedAtSeconds: 1),
      IssuedCredential(source: .generator(generator, stateName: "x"), workload: pod, lastIssuedAtSeconds: 1),
    ]
    for time in [1, 2] as [Int64] {
      var again = different
      for index in again.indices { again[index].lastIssuedAtSeconds = time }
      try await kept.ledger.record(again.map { (who, $0) })
    }
    let found = try #require(try await kept.ledger.identities(name: who.recordName).first).issuedCredentials
    #expect(found.count == different.count)
    #expect(found.allSatisfy { $0.lastIssuedAtSeconds == 2 })
    // The same twice in one call, and the newest last.
    try await kept.ledger.record([(who, secret("b", at: 8)), (who, secret("b", at: 9))])
    let last = try await kept.ledger.identities(name: nil)[0].issuedCredentials.last
    #expect(last == secret("b", at: 9))
  }

  @Test("D20: the federation is that of the first time", arguments: LedgerBackend.allCases)
  func federation(backend: LedgerBackend) async throws {
    let kept = try await backend.place().openKept()
    var later = who
    later.federations = [.cluster("later")]
    try await kept.ledger.record([(who, secret("a"))])
    try await kept.ledger.record([(later, secret("a"))])
    #expect(try await kept.ledger.identities(name: nil).map(\.identity) == [who])
  }

  @Test(
    "D20: a record stays within its bound: the secrets read longest ago go, states that exist stay",
    arguments: LedgerBackend.allCases)
  func bound(backend: LedgerBackend) async throws {
    let kept = try await backend.place().openKept()
    let state = GeneratorState.made("live", by: kept.ledger, created: 0, identity: who)
    try await kept.ledger.announce(state)
    #expect(try await kept.ledger.confirm(state))
    let generator = state.generator
    let orphan = IssuedCredential(
      source: .generator(generator, stateName: "gone"), workload: nil, lastIssuedAtSeconds: 0)
    try await kept.ledger.record([(who, orphan)])
    try await kept.ledger.record((1...998).map { (who, secret("\($0)", at: Int64($0))) })
    #expect(try await kept.ledger.identities(name: nil)[0].issuedCredentials.count == 1_000)
    // The clock went back: what was read just now is kept all the same.
    try await kept.ledger.record([(who, secret("new", at: -5))])
    try await kept.ledger.record([(who, secret("newer", at: 2_000)), (.workload("other"), secret("1"))])
    let record = try #require(try await kept.ledger.identities(name: who.recordName).first)
    #expect(record.issuedCredentials.count == 1_000)
    let keys = record.issuedCredentials.compactMap { credential -> String? in
      if case .secret(_, let key) = credential.source { key } else { nil }
    }
    #expect(!keys.contains("new"))
    #expect(!keys.contains("1"))
    #expect(keys.first == "2")
    #expect(keys.last == "newer")
    #expect(record.issuedCredentials.contains(state.credential))
    try await kept.ledger.record((1...1_500).map { (who, secret("m\($0)", at: Int64(5_000 + $0))) })
    let full = try #require(try await kept.ledger.identities(name: who.recordName).first).issuedCredentials
    #expect(full.count == 1_000)
    #expect(full.contains(state.credential))
    #expect(full.contains(secret("m1500", at: 6_500)))
  }

  @Test("D20: names are short, lower-case and tell identities apart that look alike")
  func names() {
    let subjects = [
      "system:serviceaccount:a:b", "system-serviceaccount-a-b", "SYSTEM:serviceaccount:a:b", "--", "", "ü",
      String(repeating: "x", count: 400), String(repeating: "x", count: 401),
    ]
    var names = subjects.map { AuthorizedIdentity.name(method: .oidc, provider: "p", subject: $0) }
    #expect(names[0].hasPrefix("oidc-system-serviceaccount-a-b-"))
    names.append(AuthorizedIdentity.name(method: .oidc, provider: "ps", subject: ""))
    names.append(AuthorizedIdentity.name(method: .oidc, provider: "q", subject: subjects[0]))
    names.append(AuthorizedIdentity.name(method: .okta, provider: "p", subject: subjects[0]))
    names.append(AuthorizedIdentity.name(method: .oidc, provider: "", subject: "p"))
    #expect(Set(names).count == names.count)
    for name in names {
      #expect(name.utf8.count <= 253)
      #expect(name.wholeMatch(of: /[a-z][a-z0-9-]*-[0-9a-f]{10}/) != nil)
      #expect(!name.contains("---"))
    }
  }
}
