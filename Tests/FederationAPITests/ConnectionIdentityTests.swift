import FederationAPI
import Testing

@Suite struct ConnectionIdentityTests {
  private func identity(_ subject: String) -> VerifiedIdentity {
    VerifiedIdentity(
      method: .oidc, provider: "p", subject: subject, kubernetes: nil, federations: [], expiresAtSeconds: 9)
  }

  @Test("starts unbound, and another revision goes with every binding")
  func revisions() {
    let binding = ConnectionIdentity()
    #expect(binding.identity == nil)
    #expect(binding.revision == 0)
    binding.bind(identity("a"))
    #expect(binding.identity?.subject == "a")
    let first = binding.revision
    #expect(first != 0)
    binding.bind(identity("b"))
    #expect(binding.identity?.subject == "b")
    #expect(binding.revision != first)
  }

  @Test("whoever reads the revision first never keeps an identity that is older than it")
  func race() async {
    let binding = ConnectionIdentity()
    binding.bind(identity("0"))
    let start = binding.revision
    let writer = Task.detached { [self] in
      for number in 1...2_000 { binding.bind(identity("\(number)")) }
    }
    var isBehind = false
    while binding.revision < start + 2_000 {
      let revision = binding.revision
      let subject = binding.identity.flatMap { UInt64($0.subject) } ?? 0
      isBehind = isBehind || subject < revision - start
    }
    await writer.value
    #expect(!isBehind)
    #expect(binding.identity?.subject == "2000")
  }
}
