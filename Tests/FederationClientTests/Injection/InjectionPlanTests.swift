import Testing

@testable import FederationClient

@Suite struct InjectionPlanTests {
  private func secret(_ store: String, _ key: String) -> InjectedValue {
    .secret(SecretName(store: store, key: key))
  }

  @Test("an item is split at its first equals sign and its source at the first dot")
  func splitting() throws {
    let plan = try InjectionPlan(environment: ["DB=vault.db.password=x, B=other.k"], files: ["/run/a=vault.tls.crt"])
    #expect(plan.environment == ["DB": secret("vault", "db.password=x"), "B": secret("other", "k")])
    #expect(plan.files == ["/run/a": .value(secret("vault", "tls.crt"))])
    #expect(plan.secrets.map(\.description) == ["vault.db.password=x", "other.k", "vault.tls.crt"])
  }

  @Test("external secrets are keys of the federated store and go to the environment by the name rule")
  func externalSecrets() throws {
    let plan = try InjectionPlan(externalSecrets: ["db-url,api.key", "third"], federatedStore: "vault")
    #expect(
      plan.environment == [
        "DB_URL": secret("vault", "db-url"), "API_KEY": secret("vault", "api.key"), "THIRD": secret("vault", "third"),
      ])
  }

  @Test("without a federated store an external secret names its own")
  func externalSecretsWithStore() throws {
    let plan = try InjectionPlan(externalSecrets: ["vault.db-url"])
    #expect(plan.environment == ["DB_URL": secret("vault", "db-url")])
    #expect(throws: InjectionError.self) { try InjectionPlan(externalSecrets: ["db-url"]) }
  }

  @Test("a store that an item names wins over the federated store")
  func namedStoreWins() throws {
    let plan = try InjectionPlan(environment: ["A=other.k"], federatedStore: "vault")
    #expect(plan.environment == ["A": secret("other", "k")])
  }

  @Test("a variable named by inject-on-env beats the one that the name rule gives")
  func precedence() throws {
    let plan = try InjectionPlan(
      environment: ["DB_URL=vault.other"], externalSecrets: ["db-url"], federatedStore: "vault")
    #expect(plan.environment == ["DB_URL": secret("vault", "other")])
    #expect(plan.secrets.count == 2)
  }

  @Test("without an environment external secrets only name what files hold, and each has to be in one")
  func filesOnly() throws {
    let plan = try InjectionPlan(
      files: ["/run/all=vault"], externalSecrets: ["a-b,a.b"], federatedStore: "vault", setsVariables: false)
    #expect(plan.environment.isEmpty)
    #expect(plan.secrets.map(\.key) == ["a-b", "a.b"])
    let error = #expect(throws: InjectionError.self) {
      try InjectionPlan(files: ["/run/a=vault.a"], externalSecrets: ["vault.b"], setsVariables: false)
    }
    #expect(error?.message.hasPrefix("vault.b goes into no file") == true)
  }

  @Test("a star covers every key that the command line names, and only once")
  func star() throws {
    let plan = try InjectionPlan(
      environment: ["*"], files: ["/run/key=vault.tls-key,/run/all=*"], externalSecrets: ["db-url"],
      federatedStore: "vault")
    #expect(plan.environment == ["TLS_KEY": secret("vault", "tls-key"), "DB_URL": secret("vault", "db-url")])
    #expect(
      plan.files["/run/all"]
        == .mapping(["tls-key": secret("vault", "tls-key"), "db-url": secret("vault", "db-url")]))
    #expect(plan.secrets.count == 2)
  }

  @Test("a whole store covers the keys that the command line names for it")
  func wholeStore() throws {
    let plan = try InjectionPlan(environment: ["A=vault.a,B=vault.b,C=other.c"], files: ["/run/vault.yaml=vault"])
    #expect(plan.files == ["/run/vault.yaml": .mapping(["a": secret("vault", "a"), "b": secret("vault", "b")])])
  }

  @Test(
    "what makes no sense is refused with the flag's name",
    arguments: [
      (["DB"], [], []), (["DB=vault"], [], []), (["=vault.k"], [], []), (["DB="], [], []), (["DB=.k"], [], []),
      (["DB=vault."], [], []), (["A=v.k,,B=v.k"], [], []), (["A=v.k,"], [], []), (["*"], [], []),
      (["A=v.k,A=v.l"], [], []), ([], ["run/a=v.k"], []), ([], ["/run/=v.k"], []), ([], ["*"], []),
      ([], ["/run/a=v.k,/run/a=v.l"], []), ([], ["/run/a=vault"], []), ([], ["/run/a=*"], []),
      ([], ["/run/a=v."], []), ([], [], ["a-b,a_b"]),
    ] as [([String], [String], [String])])
  func refusals(environment: [String], files: [String], externalSecrets: [String]) {
    let error = #expect(throws: InjectionError.self) {
      try InjectionPlan(
        environment: environment, files: files, externalSecrets: externalSecrets, federatedStore: "vault")
    }
    let named = ["--inject-on-env", "--inject-on-file", "--external-secrets"]
    #expect(named.contains { error?.message.contains($0) == true })
  }

  @Test("two stores' equal keys cannot stand in one mapping")
  func equalKeys() {
    #expect(throws: InjectionError("/run/all cannot hold both a.k and b.k: their keys are equal")) {
      try InjectionPlan(environment: ["A=a.k,B=b.k"], files: ["/run/all=*"])
    }
  }

  @Test("empty flags ask for nothing")
  func empty() throws {
    #expect(try InjectionPlan(environment: [""], files: [" "], externalSecrets: [""]).secrets.isEmpty)
  }
}
