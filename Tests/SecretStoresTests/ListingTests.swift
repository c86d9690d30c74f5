import FederationAPI
import Resources
import SecretStores
import Testing

/// What find and extract are made of.
@Suite struct ListingTests {
  @Test("a fake store names each key once, with its greatest version")
  func fakeList() async throws {
    let secrets = [("a", nil), ("b", "v1"), ("b", "v10"), ("b", "v2"), ("c", nil), ("c", "1"), ("a", nil)]
    let store = FakeStore(
      secrets.map { FakeSecret(key: $0.0, value: SecretBytes("x"), version: $0.1) }
        + [FakeSecret(key: "", value: SecretBytes("x")), FakeSecret(key: "n\0", value: SecretBytes("x"))])
    let listed = try await store.list("S").result().get()
    #expect(listed.count == 3)
    #expect(
      Set(listed) == [
        SecretReference(store: "S", key: "a"), SecretReference(store: "S", key: "b", version: "v2"),
        SecretReference(store: "S", key: "c", version: "1"),
      ])
    let many = FakeStore((0..<10_000).map { FakeSecret(key: "k\($0)", value: SecretBytes("")) })
    #expect(Set(try await many.list("S").result().get().map(\.key)).count == 10_000)
  }

  @Test("a store of more than a hundred thousand keys is not listed")
  func tooManyKeys() async throws {
    let store = FakeStore((0...100_000).map { FakeSecret(key: "k\($0)", value: SecretBytes("")) })
    let message = "store \"S\" has more than 100000 keys, too many to find among"
    #expect(await store.list("S").result() == .failure(RPCError(.resourceExhausted, message)))
  }

  @Test("members are cut out with their digits and spaces; of two with one name the last counts")
  func members() throws {
    let text = " {\"a\": \"x\\n\", \"b\": [1,  2.50] , \"c\": null, \"d\": 1e400, \"a\": \"y\"}\n"
    let members = try #require(SecretBytes(text).jsonMembers())
    #expect(members.map(\.name) == ["a", "b", "c", "d"])
    #expect(members.map(\.content) == ["y", "[1,  2.50]", "", "1e400"].map { SecretBytes($0) })
    #expect(members.map(\.text) == ["\"y\"", "[1,2.50]", "null", "1e400"].map { SecretBytes($0) })
    #expect(SecretBytes("{}").jsonMembers()?.isEmpty == true)
  }

  @Test("what is no object of a bearable size has no members", arguments: ["", "[]", "\"a\"", "{", "{} x", "{\"a\":}"])
  func noMembers(text: String) { #expect(SecretBytes(text).jsonMembers() == nil) }

  @Test("an object may have ten thousand members and no more")
  func manyMembers() {
    func object(_ count: Int) -> SecretBytes {
      SecretBytes("{" + (0..<count).map { "\"\($0)\":0" }.joined(separator: ",") + "}")
    }
    #expect(object(10_000).jsonMembers()?.count == 10_000)
    #expect(object(10_001).jsonMembers() == nil)
  }
}
