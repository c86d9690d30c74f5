import FederationAPI
import Policy
import Resources
import Testing

@Suite struct PolicyIndexTests {
  private static let issuer = "https://kubernetes.default.svc"
  private static let subject = "system:serviceaccount:default:app"

  private func federation(_ name: String, kind: String = "KubernetesFederation") -> FederationReference {
    FederationReference(kind: kind, name: name)
  }

  private func grant(
    _ name: String, federation: FederationReference, subject: Authorization.Subject? = nil, stores: [String] = [],
    generators: [GeneratorReference] = [], states: [String] = []
  ) -> Authorization {
    Authorization(
      name: name, federationRef: federation,
      subject: subject ?? .oidc(issuer: Self.issuer, subject: Self.subject), allowedClusterSecretStores: stores,
      allowedGenerators: generators, allowedGeneratorStates: states, location: SourceLocation(file: "a.yaml", line: 1))
  }

  private func identity(
    _ federations: Set<FederationReference>, issuer: String = issuer, subject: String = subject,
    method: AuthenticationMethod = .oidc
  ) -> VerifiedIdentity {
    VerifiedIdentity(
      method: method, provider: issuer, subject: subject, kubernetes: nil, federations: federations,
      expiresAtSeconds: .max)
  }

  @Test("a store is allowed to exactly the subject that is granted it")
  func exactMatch() {
    let a = federation("a")
    let index = PolicyIndex(authorizations: [grant("g", federation: a, stores: ["vault"])])
    #expect(index.allows(identity([a]), store: "vault"))
    #expect(!index.allows(identity([a]), store: "Vault"))
    #expect(!index.allows(identity([a]), store: "vault2"))
    #expect(!index.allows(identity([a]), store: ""))
    #expect(!index.allows(identity([a], issuer: Self.issuer + "/"), store: "vault"))
    #expect(!index.allows(identity([a], subject: Self.subject + "2"), store: "vault"))
    #expect(!index.allows(identity([a], subject: "*"), store: "vault"))
    #expect(!index.allows(identity([]), store: "vault"))
    #expect(!PolicyIndex(authorizations: []).allows(identity([a]), store: "vault"))
  }

  @Test("strings that Unicode calls equal but that differ in bytes do not match")
  func bytesDecide() {
    let a = federation("a")
    let composed = Authorization.Subject.oidc(issuer: Self.issuer, subject: "caf\u{E9}-K")
    let index = PolicyIndex(authorizations: [grant("g", federation: a, subject: composed, stores: ["vault"])])
    #expect(index.allows(identity([a], subject: "caf\u{E9}-K"), store: "vault"))
    #expect(!index.allows(identity([a], subject: "cafe\u{301}-K"), store: "vault"))
    #expect(!index.allows(identity([a], subject: "caf\u{E9}-\u{212A}"), store: "vault"))
    #expect(index.federations(issuer: Self.issuer, subject: "cafe\u{301}-K") == [])
  }

  @Test("D5: two clusters with one issuer string share no permission, as federationRef decides")
  func federationRefRespected() {
    let a = federation("a")
    let b = federation("b")
    let index = PolicyIndex(authorizations: [
      grant("of-a", federation: a, stores: ["vault-a"]), grant("of-b", federation: b, stores: ["vault-b"]),
    ])
    #expect(index.allows(identity([a]), store: "vault-a"))
    #expect(!index.allows(identity([a]), store: "vault-b"))
    #expect(index.allows(identity([b]), store: "vault-b"))
    #expect(!index.allows(identity([b]), store: "vault-a"))
    #expect(index.allows(identity([a, b]), store: "vault-b"))
    #expect(!index.allows(identity([federation("a", kind: "OktaFederation")]), store: "vault-a"))
    #expect(index.federations(issuer: Self.issuer) == [a, b])
    #expect(index.federations(issuer: Self.issuer, subject: Self.subject) == [a, b])
    #expect(index.federations(issuer: Self.issuer, subject: "other") == [])
    #expect(index.federations(issuer: "other") == [])
  }

  @Test("D13: a grant that was narrowed or deleted leaves nothing behind, whatever was granted before")
  func nothingLeftOver() {
    let a = federation("a")
    let password = GeneratorReference(namespace: "team", kind: "Password", name: "p")
    var index = PolicyIndex(authorizations: [
      grant("one", federation: a, stores: ["x", "y"], generators: [password], states: ["team"]),
      grant("two", federation: a, stores: ["z"]),
    ])
    #expect(["x", "y", "z"].allSatisfy { index.allows(identity([a]), store: $0) })

    index = PolicyIndex(authorizations: [grant("one", federation: a, stores: ["x"])])
    #expect(index.allows(identity([a]), store: "x"))
    #expect(!index.allows(identity([a]), store: "y"))
    #expect(!index.allows(identity([a]), store: "z"))
    #expect(!index.allows(identity([a]), generator: password))
    #expect(index.federations(of: identity([a]), grantingStatesIn: "team").isEmpty)

    index = PolicyIndex(authorizations: [])
    #expect(!index.allows(identity([a]), store: "x"))
    #expect(index.federations(issuer: Self.issuer) == [])
    #expect(index.federations(issuer: Self.issuer, subject: Self.subject) == [])
  }

  @Test("what several Authorizations of one subject allow adds up")
  func permissionsAddUp() {
    let a = federation("a")
    let index = PolicyIndex(authorizations: [
      grant("one", federation: a, stores: ["x"], states: ["n"]), grant("two", federation: a, stores: ["y", "x"]),
    ])
    #expect(index.allows(identity([a]), store: "x"))
    #expect(index.allows(identity([a]), store: "y"))
    #expect(index.federations(of: identity([a]), grantingStatesIn: "n") == [a])
    #expect(index.federations(issuer: Self.issuer) == [a])
  }

  @Test("of subjects that are granted the same, one that is granted more gets it alone")
  func grantedAlike() {
    let a = federation("a")
    func subject(_ name: String) -> Authorization.Subject { .oidc(issuer: Self.issuer, subject: name) }
    let index = PolicyIndex(authorizations: [
      grant("one", federation: a, subject: subject("one"), stores: ["x"]),
      grant("two", federation: a, subject: subject("two"), stores: ["x"]),
      grant("two-more", federation: a, subject: subject("two"), stores: ["y"]),
      grant("three", federation: a, subject: subject("three"), stores: ["x"]),
      grant("elsewhere", federation: federation("b"), subject: subject("three"), stores: ["x"]),
    ])
    #expect(["one", "two", "three"].allSatisfy { index.allows(identity([a], subject: $0), store: "x") })
    #expect(["one", "two", "three"].filter { index.allows(identity([a], subject: $0), store: "y") } == ["two"])
    let b = federation("b")
    #expect(["one", "two", "three"].filter { index.allows(identity([b], subject: $0), store: "x") } == ["three"])
    #expect(index.federations(issuer: Self.issuer, subject: "three") == [a, b])
  }

  @Test("a generator is allowed by namespace, kind and name together")
  func generators() {
    let a = federation("a")
    let password = GeneratorReference(namespace: "team", kind: "Password", name: "p")
    let index = PolicyIndex(authorizations: [grant("g", federation: a, generators: [password], states: ["other"])])
    #expect(index.allows(identity([a]), generator: password))
    for other in [
      GeneratorReference(namespace: "other", kind: "Password", name: "p"),
      GeneratorReference(namespace: "team", kind: "password", name: "p"),
      GeneratorReference(namespace: "team", kind: "Password", name: "q"),
    ] {
      #expect(!index.allows(identity([a]), generator: other))
    }
    #expect(index.federations(of: identity([a]), grantingStatesIn: "other") == [a])
    #expect(index.federations(of: identity([a]), grantingStatesIn: "team").isEmpty)
    #expect(!index.allows(identity([a]), store: "p"))
  }

  @Test("SPIFFE grants are found by trust domain and never match a token, nor tokens' grants an SVID")
  func spiffe() {
    let mesh = federation("mesh", kind: "SpiffeFederation")
    let id = "spiffe://example.org/app"
    let index = PolicyIndex(authorizations: [
      grant("svid", federation: mesh, subject: .spiffe(id: id), stores: ["svid-store"]),
      grant("token", federation: mesh, subject: .oidc(issuer: "example.org", subject: id), stores: ["token-store"]),
    ])
    #expect(index.federations(trustDomain: "example.org") == [mesh])
    #expect(index.federations(trustDomain: "spiffe://example.org") == [])
    let svid = identity([mesh], issuer: "example.org", subject: id, method: .spiffe)
    let token = identity([mesh], issuer: "example.org", subject: id)
    #expect(index.allows(svid, store: "svid-store"))
    #expect(!index.allows(svid, store: "token-store"))
    #expect(index.allows(token, store: "token-store"))
    #expect(!index.allows(token, store: "svid-store"))
  }

  @Test(
    "D25: of two grants for a SPIFFE ID each stands alone, a changed ID is gone, and the federation must be the SVID's")
  func spiffeGrantsStandAlone() {
    let mesh = federation("mesh", kind: "SpiffeFederation")
    func granted(_ id: String, _ store: String) -> Authorization {
      grant("to-\(store)", federation: mesh, subject: .spiffe(id: id), stores: [store])
    }
    func svid(_ id: String, of federation: FederationReference) -> VerifiedIdentity {
      identity([federation], issuer: "example.org", subject: id, method: .spiffe)
    }
    let (id, newID) = ("spiffe://example.org/app", "spiffe://example.org/new")
    let both = PolicyIndex(authorizations: [granted(id, "x"), granted(id, "y")])
    #expect(both.allows(svid(id, of: mesh), store: "x") && both.allows(svid(id, of: mesh), store: "y"))
    #expect(!both.allows(svid(id, of: federation("other", kind: "SpiffeFederation")), store: "x"))

    let oneDeleted = PolicyIndex(authorizations: [granted(id, "y")])
    #expect(oneDeleted.federations(trustDomain: "example.org") == [mesh])
    #expect(oneDeleted.allows(svid(id, of: mesh), store: "y") && !oneDeleted.allows(svid(id, of: mesh), store: "x"))

    let changed = PolicyIndex(authorizations: [granted(newID, "y")])
    #expect(changed.allows(svid(newID, of: mesh), store: "y") && !changed.allows(svid(id, of: mesh), store: "y"))
  }

  @Test("a lookup takes as long among 100,000 Authorizations of one issuer as among ten")
  func manyAuthorizations() {
    func seconds(_ count: Int) -> Double {
      let index = PolicyIndex(
        authorizations: (0..<count).map { number in
          grant(
            "g\(number)", federation: federation("f\(number)"),
            subject: .oidc(issuer: Self.issuer, subject: "system:serviceaccount:n\(number):app"), stores: ["vault"])
        })
      #expect(index.federations(issuer: Self.issuer).count == count)
      let caller = identity([federation("f7")], subject: "system:serviceaccount:n7:app")
      let clock = ContinuousClock()
      let rounds = (0..<5).map { _ in
        clock.measure {
          for _ in 0..<2_000 where !index.allows(caller, store: "vault") { Issue.record("a granted store was refused") }
        }
      }
      return rounds.min().map { Double($0.components.attoseconds) / 1e18 + Double($0.components.seconds) } ?? .infinity
    }
    let few = seconds(10)
    let many = seconds(100_000)
    // A scan would take ten thousand times as long; caches and a busy machine make a few.
    #expect(many < few * 50)
  }
}
