import FederationAPI
import Resources
import Testing

/// What generators, Secrets and grants say of each other.
@Suite struct GeneratorReferenceTests {
  private func printed(_ texts: String...) throws -> [String] {
    let directory = try ManifestDirectory(["a.yaml": texts.joined(separator: "---\n")])
    try directory.hide("a.yaml")
    return directory.printed()
  }

  private let mfa = Example.generator("MFA", "secret: {name: keys, key: plain}")

  @Test("a Secret and a key that are there say nothing")
  func present() throws { #expect(try printed(Example.secret, mfa) == []) }

  @Test("a Secret that no manifest defines, and a key that it has not, are warned of; the generator is kept")
  func missing() throws {
    #expect(
      try printed(mfa) == [
        "a.yaml:5: warning: no manifest defines Secret `team/keys`; until one does, this generator cannot be used"
      ])
    #expect(
      try printed(mfa, Example.varied(Example.secret, "plain: p", "plane: p")) == [
        "a.yaml:5: warning: Secret `team/keys` has no key `plain`; until it has, this generator cannot be used"
      ])
    #expect(try ManifestDirectory(["a.yaml": mfa]).load().manifests.generators.count == 1)
  }

  @Test("a Secret of another namespace is not the one that is meant")
  func otherNamespace() throws {
    let other = Example.varied(Example.secret, "namespace: team", "namespace: other")
    let said = try printed(other, mfa)
    #expect(said.count == 1)
    #expect(said.first?.hasPrefix("a.yaml:17: warning: no manifest defines Secret `team/keys`;") == true, "\(said)")
  }

  @Test("a generator cannot name another namespace's Secret")
  func foreignSecret() throws {
    let foreign = Example.varied(mfa, "name: keys", "namespace: other, name: keys")
    #expect(
      try printed(Example.secret, foreign) == [
        "a.yaml:17: `spec.secret.namespace` must be the generator's own, `team`, or be left out: a generator cannot read "
          + "the Secrets of other namespaces"
      ])
    #expect(try printed(Example.secret, Example.varied(mfa, "name: keys", "namespace: team, name: keys")) == [])
  }

  @Test("a grant of a generator is warned of unless the namespace, the kind and the name are those of one")
  func grants() throws {
    func grant(_ namespace: String, _ kind: String, _ name: String) -> String {
      Example.varied(
        Example.authorization, "  allowedClusterSecretStores:\n    - vault-a\n",
        "  allowedGenerators:\n    - {namespace: \(namespace), kind: \(kind), name: \(name)}\n")
    }
    let generator = Example.generator("Password", "length: 8")
    #expect(try printed(Example.federation, generator, grant("team", "Password", "example")) == [])
    for (namespace, kind, name) in [
      ("default", "Password", "example"), ("team", "UUID", "example"), ("team", "Password", "other"),
    ] {
      #expect(
        try printed(Example.federation, generator, grant(namespace, kind, name)) == [
          "a.yaml:28: warning: no manifest defines \(kind) `\(namespace)/\(name)`; until one does, this grant has no effect"
        ])
    }
  }

  @Test("generators of one name differ by kind and by namespace")
  func uniqueness() throws {
    let generator = Example.generator("Password", "length: 8")
    let elsewhere = Example.varied(generator, "namespace: team", "namespace: other")
    let uuid = "apiVersion: generators.external-secrets.io/v1alpha1\nkind: UUID\nmetadata: {name: example}\n"
    #expect(try printed(generator, elsewhere, uuid, Example.generator("UUID", "leaseDuration: 1h")) == [])
    #expect(try printed(generator, generator).first?.contains("Password `team/example` is already defined at") == true)
  }

  @Test("without a namespace a generator is in `default`")
  func defaultNamespace() throws {
    let (resource, printed) = try ManifestDirectory.generator(
      "apiVersion: generators.external-secrets.io/v1alpha1\nkind: UUID\nmetadata: {name: example}\n")
    #expect(printed == [])
    #expect(resource?.reference == GeneratorReference(namespace: "default", kind: "UUID", name: "example"))
    #expect(resource?.spec == .uuid)
    #expect(resource?.leaseSeconds == nil)
  }
}
