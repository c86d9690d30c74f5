import FederationAPI
import Foundation
import Resources
import Testing

@Suite struct SecretResourceTests {
  private func printed(_ text: String, isHidden: Bool = true) throws -> [String] {
    let directory = try ManifestDirectory(["a.yaml": text])
    if isHidden { try directory.hide("a.yaml") }
    return directory.printed()
  }

  @Test("data is decoded, and stringData wins over it")
  func good() throws {
    let directory = try ManifestDirectory(["a.yaml": Example.secret])
    try directory.hide("a.yaml")
    let (manifests, diagnostics) = directory.load()
    #expect(diagnostics == [])
    #expect(
      manifests.secrets == [
        SecretResource(
          namespace: "team", name: "keys",
          values: ["encoded": SecretBytes("hunter2"), "both": SecretBytes("new"), "plain": SecretBytes("p")],
          location: SourceLocation(file: directory.path + "/a.yaml", line: 1))
      ])
  }

  @Test("without a namespace it is in `default`, and its values may be missing")
  func defaults() throws {
    let directory = try ManifestDirectory(["a.yaml": "{apiVersion: v1, kind: Secret, metadata: {name: a}}"])
    try directory.hide("a.yaml")
    #expect(directory.printed() == [])
    let secret = try #require(directory.load().manifests.secrets.first)
    #expect(secret.namespace == "default")
    #expect(secret.values.isEmpty)
  }

  @Test("one name may be in two namespaces, and not twice in one")
  func namespaces() throws {
    let other = Example.varied(Example.secret, "namespace: team", "namespace: other")
    #expect(try printed(Example.secret + "---\n" + other) == [])
    #expect(
      try printed(Example.secret + "---\n" + Example.secret).map { $0.prefix(51) } == [
        "a.yaml:15: Secret `team/keys` is already defined at"
      ])
  }

  @Test(
    "each fault is said without the value",
    arguments: [
      (
        "encoded: aHVudGVyMg==", "encoded: hunter2!",
        "a.yaml:7: `data.encoded` is not base64; encode the value with `base64 -w0`, or write it as it is in "
          + "`stringData`"
      ),
      ("encoded: aHVudGVyMg==", "encoded: aHVudGVyMg", "a.yaml:7: `data.encoded` is not base64"),
      ("encoded: aHVudGVyMg==", "encoded: 12", "a.yaml:7: `data.encoded` must be a string, not a number"),
      ("encoded: ", "en coded: ", "a.yaml:7: `data` has the key `en coded`, which no Secret could have"),
      ("plain: p", "plain: [hunter2]", "a.yaml:11: `stringData.plain` must be a string, not a list"),
      ("immutable: true", "immutable: hunter2", "a.yaml:5: `immutable` must be `true` or `false`, not a string"),
      ("type: Opaque", "spec: {}", "a.yaml:4: unknown field `spec`; the fields here are"),
      ("stringData:", "strinData:", "a.yaml:9: unknown field `strinData`; did you mean `stringData`?"),
      ("namespace: team", "namespace: Team_1", "a.yaml:3: `metadata.namespace` `Team_1` is no namespace"),
      ("apiVersion: v1", "apiVersion: v2", "a.yaml:1: `Secret` is not in `v2`; write `apiVersion: v1`"),
    ])
  func bad(_ old: String, _ new: String, _ expected: String) throws {
    let directory = try ManifestDirectory(["a.yaml": Example.varied(Example.secret, old, new)])
    try directory.hide("a.yaml")
    let printed = directory.printed()
    #expect(printed.first?.hasPrefix(expected) == true, "\(printed)")
    #expect(!printed.joined().contains("hunter2"))
    #expect(directory.load().manifests.secrets.isEmpty)
  }

  @Test("values of more than 1 MiB together are refused")
  func tooLarge() throws {
    func secret(_ count: Int) -> String {
      "{apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {a: \"\(String(repeating: "x", count: count))\"}}"
    }
    #expect(try printed(secret(1 << 20)) == [])
    #expect(try printed(secret(1 << 20 + 1)) == ["a.yaml:1: the Secret's values are larger than 1 MiB; split it"])
  }

  @Test("a file with Secrets that everybody may read is warned of once")
  func readable() throws {
    let other = Example.varied(Example.secret, "name: keys", "name: others")
    let text = Example.store + "---\n" + Example.secret + "---\n" + other
    #expect(
      try printed(text, isHidden: false) == [
        "a.yaml:9: warning: holds a Secret, and everybody on this machine may read the file; take that away with "
          + "`chmod o-r`"
      ])
    #expect(try printed(text) == [])
    #expect(try printed(Example.store, isHidden: false) == [])
  }
}
