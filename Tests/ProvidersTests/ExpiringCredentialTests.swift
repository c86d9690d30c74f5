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
