import FederationAPI
import Testing

@testable import FederationClient

@Suite struct SourceNamesTests {
  private let db = GeneratorReference(namespace: "apps", kind: "Password", name: "db")
  private let dotted = GeneratorReference(namespace: "apps", kind: "Password", name: "db.prod")
  private let otherDB = GeneratorReference(namespace: "apps", kind: "PostgreSql", name: "db")

  private func names(_ generators: GeneratorReference..., stores: Set<String> = []) -> SourceNames {
    SourceNames(generators: generators, stores: stores)
  }

  private func secret(_ store: String, _ key: String) -> InjectedValue {
    .secret(SecretName(store: store, key: key))
  }

  @Test("a generator's name or full name, then a dot, then its output key")
  func output() throws {
    let names = names(db)
    #expect(try names.value("db.password") == .output(db, key: "password"))
    #expect(try names.value("apps/Password/db.tls.key") == .output(db, key: "tls.key"))
    #expect(try names.value("dbx.password") == secret("dbx", "password"))
    #expect(try names.generator("db") == db)
    #expect(try names.generator("apps/Password/db") == db)
    #expect(try names.generator("vault") == nil)
  }

  @Test("the longest generator name before a dot wins, and the first dot where there is none")
  func longest() throws {
    let both = names(db, dotted)
    #expect(try both.value("db.prod.password") == .output(dotted, key: "password"))
    #expect(try both.value("db.production.password") == .output(db, key: "production.password"))
    #expect(try both.value("db.prod") == .output(db, key: "prod"))
    #expect(try both.generator("db.prod") == dotted)
    #expect(try names(dotted).value("db.password") == secret("db", "password"))
  }

  @Test("a dotted name without a key is no key of a store")
  func dottedAlone() throws {
    #expect(try names(dotted).value("db.prod") == nil)
    #expect(try names(dotted).value("db.prod.") == nil)
  }

  @Test("a name that two generators share is refused with both full names, which still work")
  func shared() throws {
    let names = names(db, otherDB)
    let error = InjectionError(
      "\"db\" is the name of several generators: write apps/Password/db or apps/PostgreSql/db")
    #expect(throws: error) { try names.value("db.password") }
    #expect(throws: error) { try names.generator("db") }
    #expect(try names.value("apps/PostgreSql/db.password") == .output(otherDB, key: "password"))
  }

  @Test("a store keeps its name, whatever generators are called")
  func store() throws {
    let names = names(db, otherDB, stores: ["db"])
    #expect(try names.value("db.password") == secret("db", "password"))
    #expect(try names.generator("db") == nil)
    #expect(try names.value("apps/Password/db.password") == .output(db, key: "password"))
  }

  @Test("a full name that is not in the list is refused instead of being taken for a store")
  func unknown() throws {
    let error = #expect(throws: InjectionError.self) { try names(db).value("apps/Pasword/db.password") }
    #expect(error?.message.contains("\"apps/Pasword/db\" is no generator of --federated-generators") == true)
    #expect(error?.message.contains("apps/Password/db") == true)
    #expect(throws: InjectionError.self) { try names().checkStore("apps/Password/db") }
    #expect(try names().value("vault.a/b") == secret("vault", "a/b"))
  }
}
