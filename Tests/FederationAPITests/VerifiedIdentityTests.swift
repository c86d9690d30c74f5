import FederationAPI
import Testing

@Suite struct VerifiedIdentityTests {
  private func identity(
    _ federations: Set<String>, provider: String = "https://issuer", subject: String = "app", expires: Int64 = 1
  ) -> VerifiedIdentity {
    VerifiedIdentity(
      method: .oidc, provider: provider, subject: subject, kubernetes: nil,
      federations: Set(federations.map { FederationReference(kind: "KubernetesFederation", name: $0) }),
      expiresAtSeconds: expires)
  }

  @Test("shares are the same under any token, and another's for any other issuer, subject or set of federations")
  func shareName() {
    let names = [
      identity(["a"]), identity(["b"]), identity(["a", "b"]), identity([]), identity(["a"], subject: "other"),
      identity(["a"], provider: "https://other"), identity(["a"], provider: "https://issuera", subject: "pp"),
    ].map(\.shareName)
    #expect(Set(names).count == names.count)
    #expect(identity(["a"], expires: 2).shareName == names[0])
    #expect(identity(["b", "a"]).shareName == names[2])
  }

  @Test("what its proof rests on is no part of who somebody is")
  func proof() {
    final class Proof: Sendable {}
    var other = identity(["a"])
    other.proof = ProofReference(Proof())
    #expect(other == identity(["a"]) && other.hashValue == identity(["a"]).hashValue)
  }
}
