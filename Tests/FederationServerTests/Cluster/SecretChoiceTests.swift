import Resources
import Testing

@testable import FederationServer

/// Which Secrets are followed when there are too many.
@Suite struct SecretChoiceTests {
  private func name(_ text: String) -> ResourceName { ResourceName(namespace: "n", name: text) }

  private func claim(_ title: String, _ created: String, isNamespaced: Bool = true) -> SecretChoice.Claim {
    .init(title: title, created: created, isNamespaced: isNamespaced)
  }

  @Test("what is followed stays, whoever comes with an earlier name")
  func staying() {
    let claims = [name("a"): claim("Webhook/x/a", "2026"), name("z"): claim("Webhook/x/z", "2026")]
    let choice = SecretChoice(claims, followed: [name("z"), name("gone")], maximum: 1)
    #expect(choice.followed == [name("z")])
    #expect(choice.excess == [name("a")])
  }

  @Test("of the others what is issued comes first, then objects of the whole cluster, then whoever was there before")
  func order() {
    let claims: [ResourceName: SecretChoice.Claim] = [
      name("a"): claim("Webhook/x/a", "2026-01-02T00:00:00Z"),
      name("b"): claim("Webhook/x/b", "2026-01-01T00:00:00Z"),
      name("c"): claim("ClusterSecretStore/c", "2026-01-03T00:00:00Z", isNamespaced: false),
      name("d"): .issued, name("e"): claim("MFA/x/e", "2026-01-01T00:00:00Z"),
    ]
    let order = ["d", "c", "e", "b", "a"].map(name)
    for maximum in 0...order.count {
      let choice = SecretChoice(claims, followed: [], maximum: maximum)
      #expect(choice.followed == Set(order.prefix(maximum)))
      #expect(choice.excess == Set(order.dropFirst(maximum)))
    }
  }
}
