import FederationAPI
import Resources
import SecretStores
import Testing

@Suite struct FakeStoreTests {
  private let store = FakeStore([
    FakeSecret(key: "plain", value: SecretBytes("first")),
    FakeSecret(key: "plain", value: SecretBytes("second"), version: "v2"),
    FakeSecret(key: "only", value: SecretBytes("third"), version: "v1"),
    FakeSecret(key: "json", value: SecretBytes("{\"a\":{\"b\":1}}")),
    FakeSecret(key: "empty", value: SecretBytes("")),
    FakeSecret(key: "twice", value: SecretBytes("old")),
    FakeSecret(key: "twice", value: SecretBytes("new")),
    FakeSecret(key: "caf\u{E9}", value: SecretBytes("composed")),
  ])

  /// Reads, and fails the test when the answer is not there at once.
  private func read(_ key: String, version: String? = nil, property: String? = nil) throws -> Result<String?, RPCError>
  {
    let reference = SecretReference(store: "S", key: key, property: property, version: version)
    guard case .ready(let result) = store.read(reference) else {
      throw RPCError(.internal, "a fake store must answer at once")
    }
    return result.map(\.text)
  }

  @Test("a key gives its value, a version that version's, a later entry the earlier one's place")
  func values() throws {
    #expect(try read("plain") == .success("first"))
    #expect(try read("plain", version: "") == .success("first"))
    #expect(try read("plain", version: "v2") == .success("second"))
    #expect(try read("only", version: "v1") == .success("third"))
    #expect(try read("empty") == .success(""))
    #expect(try read("twice") == .success("new"))
  }

  @Test("what does not match exactly is not found")
  func missing() throws {
    #expect(try read("none") == .failure(RPCError(.notFound, "no secret \"none\" in store \"S\"")))
    #expect(try read("only") == .failure(RPCError(.notFound, "no secret \"only\" in store \"S\"")))
    #expect(
      try read("plain", version: "v3")
        == .failure(RPCError(.notFound, "no version \"v3\" of secret \"plain\" in store \"S\"")))
    // External Secrets joins key and version in its table; the split must count all the same.
    #expect(try read("onlyv1").isFailure)
    #expect(try read("on", version: "lyv1").isFailure)
    #expect(try read("Plain").isFailure)
  }

  @Test("two spellings of one character are two keys")
  func exactBytes() throws {
    #expect(try read("caf\u{E9}") == .success("composed"))
    #expect(try read("cafe\u{301}").isFailure)
  }

  @Test("what is in memory is what a read without version and property gives")
  func inMemory() throws {
    for key in ["plain", "only", "json", "empty", "twice", "caf\u{E9}", "cafe\u{301}", "none", "Plain", "plai", ""] {
      let value = store.valueInMemory(key.utf8.span.bytes)
      #expect(value?.text == (try? read(key).get()), "\(key)")
    }
  }

  @Test("a key that no wire can name is not in memory for one that forgets to look")
  func unnameable() throws {
    let odd = FakeStore([
      FakeSecret(key: "a\0b", value: SecretBytes("x")), FakeSecret(key: "", value: SecretBytes("y")),
      FakeSecret(key: "a", value: SecretBytes("z")),
    ])
    let values = ["a\0b", "", "a"].map { odd.valueInMemory($0.utf8.span.bytes)?.text }
    #expect(values == [nil, nil, "z"])
    guard case .ready(.success(let value)) = odd.read(SecretReference(store: "S", key: "a\0b")) else {
      throw RPCError(.internal, "not read")
    }
    #expect(value == SecretBytes("x"))
  }

  @Test("a property reaches into a JSON value and nothing else")
  func properties() throws {
    #expect(try read("json", property: "a.b") == .success("1"))
    #expect(try read("json", property: "") == .success("{\"a\":{\"b\":1}}"))
    #expect(
      try read("json", property: "a.c")
        == .failure(RPCError(.notFound, "secret \"json\" in store \"S\" has no property \"a.c\"")))
    #expect(
      try read("plain", property: "a")
        == .failure(
          RPCError(.failedPrecondition, "secret \"plain\" in store \"S\" is not JSON and has no property \"a\"")))
  }
}

extension Result {
  var isFailure: Bool { if case .failure = self { true } else { false } }
}
