import FederationAPI
import Testing

@testable import FederationClient

/// What the injection flags make of generators, before any is called.
@Suite struct GeneratorPlanTests {
  private let db = GeneratorReference(namespace: "apps", kind: "Password", name: "db")
  private let id = GeneratorReference(namespace: "apps", kind: "UUID", name: "id")

  @Test("without an injection flag every output becomes a variable, also beside external secrets")
  func environment() throws {
    for externalSecrets in [[], ["vault.k"]] {
      let plan = try InjectionPlan(externalSecrets: externalSecrets, generators: [db, id])
      #expect(plan.generatorsInEnvironment == [db, id])
      #expect(plan.files.isEmpty)
      #expect(plan.secrets.count == externalSecrets.count)
    }
  }

  @Test("with injection flags only what they name is injected")
  func named() throws {
    let plan = try InjectionPlan(
      environment: ["PW=db.password"], files: ["/run/pw=db.password,/run/id.json=id"], generators: [db, id])
    #expect(plan.environment == ["PW": .output(db, key: "password")])
    #expect(plan.generatorsInEnvironment.isEmpty)
    #expect(
      plan.files == [
        "/run/pw": .value(.output(db, key: "password")), "/run/id.json": .mapping([:], generators: [id]),
      ])
    #expect(plan.secrets.isEmpty && plan.generators == [db, id])
  }

  @Test("a star covers every generator and the keys that are named elsewhere")
  func star() throws {
    let key = InjectedValue.secret(SecretName(store: "vault", key: "k"))
    let plan = try InjectionPlan(
      environment: ["*"], files: ["/run/all=*,/run/k=vault.k"], generators: [db, id])
    #expect(plan.environment == ["K": key])
    #expect(plan.generatorsInEnvironment == [db, id])
    #expect(plan.files["/run/all"] == .mapping(["k": key], generators: [db, id]))
  }

  @Test("a generator that no flag uses is refused before it is called")
  func unused() {
    let error = #expect(throws: InjectionError.self) {
      try InjectionPlan(environment: ["PW=db.password"], generators: [db, id])
    }
    #expect(error?.message.contains("names apps/UUID/id, but no injection flag uses it") == true)
  }

  @Test("a clash of two names that the flags hold is found before anything is called")
  func clashes() {
    let error = #expect(throws: InjectionError.self) {
      try InjectionPlan(
        environment: ["*"], files: ["/run/a=vault.pass-word,/run/b=db.pass_word"], generators: [db])
    }
    #expect(
      error?.message.hasPrefix("vault.pass-word and apps/Password/db.pass_word would both set PASS_WORD: ") == true)
    let file = InjectionError("/run/all cannot hold both vault.k and apps/Password/db.k: their keys are equal")
    #expect(throws: file) {
      try InjectionPlan(environment: ["A=vault.k,B=db.k"], files: ["/run/all=*"], generators: [db])
    }
  }

  @Test("what is said of a clash mends it")
  func mended() throws {
    let plan = try InjectionPlan(
      environment: ["*", "K=db.k"], files: ["/run/a=vault.k"], generators: [db])
    #expect(plan.environment == ["K": .output(db, key: "k")])
  }

  @Test("the store of --federated-store or --external-secrets keeps a name that a generator has too")
  func stores() throws {
    let key = InjectedValue.secret(SecretName(store: "db", key: "k"))
    let plan = try InjectionPlan(
      environment: ["A=db.k,B=apps/Password/db.k"], federatedStore: "db", generators: [db])
    #expect(plan.environment == ["A": key, "B": .output(db, key: "k")])
    let other = try InjectionPlan(
      files: ["/run/f=db.k,/run/g=apps/Password/db"], externalSecrets: ["db.other"], generators: [db])
    #expect(other.files["/run/f"] == .value(key))
  }
}
