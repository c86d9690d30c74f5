import FederationAPI
import Testing

@testable import FederationClient

@Suite struct GeneratorListTests {
  private func parse(_ values: String..., namespace: String = "shop", kind: String = "") throws -> [String] {
    try GeneratorList.parse(values, namespace: namespace, kind: kind).map(\.description)
  }

  @Test("items are of one, two or three parts, and the defaults stand for what is left out")
  func parts() throws {
    let list = try parse("apps/Password/db,UUID/id", "name", kind: "PostgreSql")
    #expect(list == ["apps/Password/db", "shop/UUID/id", "shop/PostgreSql/name"])
  }

  @Test("a generator that is named twice is called once")
  func twice() throws {
    #expect(try parse("shop/UUID/id, UUID/id", "id", kind: "UUID") == ["shop/UUID/id"])
  }

  @Test("empty flags name nothing")
  func empty() throws {
    #expect(try parse("", " ").isEmpty)
  }

  @Test(
    "what cannot be a generator is refused, with what to write",
    arguments: [
      ("a/b/c/d", "\"a/b/c/d\" is not namespace/kind/name, kind/name or name"), ("/db", "\"/db\" is not"),
      ("a//db", "\"a//db\" is not"), ("apps/Password/", "\"apps/Password/\" is not"),
      ("db", "\"db\" names no kind: write KIND/db, such as Password/db, or give --federated-generator-kind"),
      ("UUID/a,", "empty item"),
    ])
  func refusals(list: String, message: String) {
    let error = #expect(throws: InjectionError.self) { try parse(list) }
    #expect(error?.message.contains(message) == true)
    #expect(error?.message.hasPrefix("--federated-generators") == true)
  }

  @Test("without a namespace anywhere the flag for it is named")
  func noNamespace() {
    let error = #expect(throws: InjectionError.self) { try parse("UUID/id", namespace: "") }
    #expect(error?.message.contains("write NAMESPACE/UUID/id, or give --federated-generator-namespace") == true)
  }
}
