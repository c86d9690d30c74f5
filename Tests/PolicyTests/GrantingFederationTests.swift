import FederationAPI
import Policy
import Resources
import Testing

/// Whose grant it is that lets an identity have something.
@Suite struct GrantingFederationTests {
  private static let issuer = "https://kubernetes.default.svc"
  private static let database = GeneratorReference(namespace: "team", kind: "Webhook", name: "database")

  private func federation(_ name: String, kind: String = "KubernetesFederation") -> FederationReference {
    FederationReference(kind: kind, name: name)
  }

  private func grant(
    _ federation: FederationReference, stores: [String] = [], generators: [GeneratorReference] = [],
    subject: String = "s"
  ) -> Authorization {
    Authorization(
      name: "g", federationRef: federation, subject: .oidc(issuer: Self.issuer, subject: subject),
      allowedClusterSecretStores: stores, allowedGenerators: generators,
      location: SourceLocation(file: "a.yaml", line: 1))
  }

  private func identity(_ federations: Set<FederationReference>, subject: String = "s") -> VerifiedIdentity {
    VerifiedIdentity(
      method: .oidc, provider: Self.issuer, subject: subject, kubernetes: nil, federations: federations,
      expiresAtSeconds: .max)
  }

  @Test("the federation of the one grant, for an identity that it vouches for")
  func one() {
    let (a, b) = (federation("a"), federation("b"))
    let index = PolicyIndex(authorizations: [grant(a, stores: ["vault"], generators: [Self.database])])
    #expect(index.federations(of: identity([a, b]), granting: Self.database) == [a])
    #expect(index.federations(of: identity([a]), granting: "vault") == [a])
    #expect(index.federations(of: identity([b]), granting: Self.database) == [])
    #expect(index.federations(of: identity([]), granting: Self.database) == [])
    #expect(index.federations(of: identity([a], subject: "t"), granting: Self.database) == [])
    #expect(index.federations(of: identity([a]), granting: "database") == [])
    for other in [
      GeneratorReference(namespace: "team2", kind: "Webhook", name: "database"),
      GeneratorReference(namespace: "team", kind: "Password", name: "database"),
      GeneratorReference(namespace: "team", kind: "Webhook", name: "Database"),
    ] { #expect(index.federations(of: identity([a]), granting: other) == []) }
  }

  @Test("of several all that grant it and vouch for the identity, in whatever order they come")
  func several() {
    let (a, b, c) = (federation("a"), federation("b"), federation("c"))
    let okta = federation("z", kind: "AnotherFederation")
    let grants = [
      grant(a, stores: ["only-a"]), grant(b, generators: [Self.database]), grant(c, generators: [Self.database]),
      grant(okta, generators: [Self.database]),
    ]
    for order in [grants, grants.reversed(), [grants[2], grants[0], grants[3], grants[1]]] {
      let index = PolicyIndex(authorizations: order)
      #expect(index.federations(of: identity([a, b, c]), granting: Self.database) == [b, c])
      #expect(index.federations(of: identity([a, c]), granting: Self.database) == [c])
      #expect(index.federations(of: identity([a, b, c, okta]), granting: Self.database) == [b, c, okta])
      #expect(index.federations(of: identity([a]), granting: Self.database) == [])
      #expect(index.federations(of: identity([b, c]), granting: "only-a") == [])
      #expect(index.federations(of: identity([a, b, c]), granting: "only-a") == [a])
    }
  }

  @Test("names those that both vouch and grant: some exactly when it is allowed")
  func agreesWithAllows() {
    let federations = ["a", "b", "c"].map { federation($0) }
    for mask in 0..<64 {
      let granted = federations.enumerated().filter { mask >> $0.offset & 1 == 1 }.map(\.element)
      let vouching = Set(federations.enumerated().filter { mask >> ($0.offset + 3) & 1 == 1 }.map(\.element))
      let index = PolicyIndex(authorizations: granted.map { grant($0, stores: ["v"], generators: [Self.database]) })
      let caller = identity(vouching)
      let found = index.federations(of: caller, granting: Self.database)
      #expect(found.isEmpty != index.allows(caller, generator: Self.database))
      #expect(found == index.federations(of: caller, granting: "v"))
      #expect(found == vouching.intersection(granted))
    }
  }
}
