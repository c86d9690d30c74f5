import FederationAPI
import Ledger
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Service

/// What nothing waits for, in the ledger soon and counted.
@Suite(.timeLimit(.minutes(1))) struct AuditJournalTests {
  private let directory: TemporaryDirectory
  private let ledger: FailingLedger
  private let clock = MemoryWorld.Clock()
  private let journal: AuditJournal

  init() async throws {
    directory = try TemporaryDirectory()
    ledger = FailingLedger(try await LedgerLocation.directory(directory.path).open())
    journal = AuditJournal(
      ledger: ledger, wallClock: { [clock] in clock.wallSeconds }, log: Log(level: .error) { _ in })
  }

  private func caller(_ subject: String = "app", pod: String? = nil) -> VerifiedCaller {
    let identity = VerifiedIdentity(
      method: .oidc, provider: "i", subject: subject, kubernetes: nil, federations: [], expiresAtSeconds: .max)
    let workload = pod.map {
      KubernetesAttributes(
        namespace: "n", serviceAccount: .init(name: "s", uid: "u"), pod: .init(name: $0, uid: "u-\($0)"))
    }
    return VerifiedCaller(identity, workload: workload)
  }

  private func read(
    _ key: String, _ caller: VerifiedCaller, peer: String = "192.0.2.1:1000", grantedBy name: String = "a"
  ) {
    let issued = IssuedCredential(
      source: .secret(store: "fake", key: key), workload: caller.workload?.binding,
      lastIssuedAtSeconds: clock.wallSeconds)
    let federation = FederationReference(kind: "KubernetesFederation", name: name)
    journal.read(
      "fake/\(key)", caller, peer: peer, issued: issued, to: IdentityReference(caller.identity, [federation]))
  }

  private func entries() async throws -> [AuditEntry] { try await ledger.audit(AuditFilter(), limit: 100_000) }
  private func counts() async throws -> [String: [Int64]] {
    Dictionary(grouping: try await entries(), by: \.target).mapValues { $0.map(\.count) }
  }

  @Test("the first use is written with the next flush, repeats as one line with their count once the minute is over")
  func repeats() async throws {
    for _ in 0..<5 { read("db", caller()) }
    read("more", caller())
    #expect(await journal.flush())
    #expect(try await counts() == ["fake/db": [1], "fake/more": [1]])
    clock.advance(59)
    read("db", caller(), peer: "192.0.2.1:2000")
    await journal.flush()
    #expect(try await counts()["fake/db"] == [1])
    clock.advance(1)
    await journal.flush()
    #expect(try await counts() == ["fake/db": [1, 5], "fake/more": [1]])
    read("db", caller())
    await journal.flush()
    #expect(try await counts()["fake/db"] == [1, 5, 1])
    let record = try #require(try await ledger.identities(name: nil).first)
    #expect(record.issuedCredentials.count == 2)
  }

  @Test("what was repeated in the last minute is written when the server ends")
  func finish() async throws {
    for _ in 0..<4 { read("db", caller()) }
    await journal.finish()
    await journal.finish()
    #expect(try await counts() == ["fake/db": [1, 3]])
  }

  @Test("caller, federation, address, target by its bytes, outcome, action and workload are told apart; ports are not")
  func distinctions() async throws {
    read("db", caller())
    read("db", caller(), peer: "192.0.2.1:9")
    read("db", caller(), peer: "192.0.2.2:9")
    read("db", caller(), peer: "[2001:db8::1]:9")
    read("db", caller("other"))
    read("caf\u{E9}", caller())
    read("cafe\u{301}", caller())
    read("db", caller("caf\u{E9}"))
    read("db", caller("cafe\u{301}"))
    read("db", caller(pod: "a"))
    read("db", caller(pod: "b"))
    read("db", caller(), grantedBy: "b")
    journal.refused(.readSecret, "fake/db", caller(), peer: "192.0.2.1:1", .permissionDenied)
    journal.refused(.generate, "fake/db", caller(), peer: "192.0.2.1:1", .permissionDenied)
    await journal.finish()
    let entries = try await entries()
    #expect(entries.count == 14 && entries.map(\.count).reduce(0, +) == 14)
    #expect(entries.filter { $0.identity?.federations.map(\.name) == ["b"] }.count == 1)
    let own = try await ledger.identities(name: nil).first { $0.identity.subject == "app" }
    #expect(Set(own?.issuedCredentials.map { $0.workload?.name } ?? []) == [nil, "a", "b"])
    #expect(own?.issuedCredentials.count == 5)
  }

  @Test("what is too much to be told apart is counted together")
  func overflow() async throws {
    let count = AuditWindow.maximumKeys + 100
    for number in 0..<count {
      journal.refused(.readSecret, "fake/\(number)", caller(), peer: "192.0.2.1:1", .permissionDenied)
    }
    read("db", caller())
    await journal.finish()
    let entries = try await entries()
    #expect(entries.map(\.count).reduce(0, +) == Int64(count + 1))
    let merged = entries.filter { $0.target == "(several)" }
    #expect(merged.map(\.count) == [1, 1, 99] && merged.allSatisfy { $0.identity == nil && $0.peer == nil })
  }

  @Test(
    "what the ledger does not take is kept, and written in order once it is back",
    arguments: [
      FailingLedger.Operation.record, .append,
    ])
  func outage(operation: FailingLedger.Operation) async throws {
    ledger.fail(operation)
    for number in 0..<6 {
      read("k\(number)", caller())
      #expect(await !journal.flush())
      clock.advance(30)
    }
    ledger.recover()
    #expect(await journal.flush())
    #expect(try await entries().map(\.target) == (0..<6).map { "fake/k\($0)" })
    #expect(try await ledger.identities(name: nil).first?.issuedCredentials.count == 6)
    #expect(await journal.flush())
    #expect(try await entries().count == 6)
  }

  @Test("in a long outage the oldest go, and how many is told")
  func longOutage() async throws {
    let lines = Mutex<[String]>([])
    let journal = AuditJournal(
      ledger: ledger, wallClock: { [clock] in clock.wallSeconds },
      log: Log(level: .info) { line in lines.withLock { $0.append(line) } })
    let perMinute = AuditWindow.maximumKeys
    for minute in 0..<5 {
      for number in 0..<perMinute {
        journal.refused(.generate, "\(minute)/\(number)", caller(), peer: "p", .permissionDenied)
      }
      clock.advance(60)
    }
    await journal.flush()
    let entries = try await entries()
    let dropped = 5 * perMinute - entries.count
    #expect(dropped >= 5 * perMinute - AuditJournal.maximumWaiting && dropped <= perMinute + AuditJournal.droppedAtOnce)
    #expect(
      entries.last?.target == "4/\(perMinute - 1)"
        && entries.first?.target == "\(dropped / perMinute)/\(dropped % perMinute)")
    #expect(lines.withLock { $0.contains { $0.contains(#""count":"\#(dropped)""#) } })
  }

  @Test("runs by itself, and writes repeats although nobody calls any more")
  func runs() async throws {
    let gate = Gate()
    ledger.stop(at: .append, gate)
    for _ in 0..<3 { read("db", caller()) }
    let task = Task { await journal.run() }
    await gate.arrival()
    clock.advance(60)
    gate.open()
    await gate.arrival()
    gate.open()
    task.cancel()
    await task.value
    #expect(try await counts() == ["fake/db": [1, 2]])
  }
}
