import FederationAPI
import Synchronization
import TestSupport
import Testing

@testable import Providers

@Suite struct ExpiringCredentialTests {
  /// Counts how often a credential was asked for; each is its number.
  private final class Issuer: Sendable {
    private let count = Mutex(0)
    var issued: Int { count.withLock { $0 } }

    func next() -> Int {
      count.withLock {
        $0 += 1
        return $0
      }
    }

    func credential(lifetimeSeconds: Double) -> ExpiringCredential<Int> {
      ExpiringCredential { _ in ExpiringCredential.Lease(self.next(), lifetimeSeconds: lifetimeSeconds) }
    }
  }

  @Test("however many want it, it is got once, until it has ended or was discarded")
  func shared() async throws {
    let issuer = Issuer()
    let credential = issuer.credential(lifetimeSeconds: 3_600)
    let values = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<100 { group.addTask { try await credential.value(deadline: .in(30)) } }
      return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
    }
    #expect(values == [1])
    #expect(issuer.issued == 1)
    await credential.discard()
    #expect(try await credential.value(deadline: .in(30)) == 2)
  }

  @Test("one that has no time left is got again for the next who wants it")
  func ended() async throws {
    let issuer = Issuer()
    let credential = issuer.credential(lifetimeSeconds: 0)
    #expect(try await credential.value(deadline: .in(30)) == 1)
    #expect(try await credential.value(deadline: .in(30)) == 2)
  }

  @Test("one that was got with what has changed since is not given out any more, nor when it comes late")
  func changed() async throws {
    let issuer = Issuer()
    let revision = Atomic<UInt64>(0)
    let (asked, gate) = (OneAnswer<Bool>(), OneAnswer<Bool>())
    let credential = ExpiringCredential<Int>(revision: { revision.load(ordering: .relaxed) }) { _ in
      let number = issuer.next()
      if number == 2 {
        asked.tell(true)
        _ = await gate.wait(givenUp: false)
      }
      return ExpiringCredential.Lease(number, lifetimeSeconds: 3_600)
    }
    #expect(try await credential.value(deadline: .in(30)) == 1)
    revision.add(1, ordering: .relaxed)
    let late = Task { try await credential.value(deadline: .in(30)) }
    _ = await asked.wait(givenUp: false)
    revision.add(1, ordering: .relaxed)
    #expect(try await credential.value(deadline: .in(30)) == 3)
    gate.tell(true)
    #expect(try await late.value == 2)
    #expect(try await credential.value(deadline: .in(30)) == 3)
  }

  @Test("a failure is told and not kept")
  func failure() async throws {
    let issuer = Issuer()
    let credential = ExpiringCredential<Int> { _ throws(BackendError) in
      let number = issuer.next()
      guard number > 1 else { throw .unavailable(reason: "no") }
      return ExpiringCredential.Lease(number, lifetimeSeconds: 60)
    }
    await #expect(throws: BackendError.unavailable(reason: "no")) { try await credential.value(deadline: .in(30)) }
    #expect(try await credential.value(deadline: .in(30)) == 2)
  }
}
