import FederationAPI
import Foundation
import Resources
import Testing

@Suite struct GeneratorSnapshotTests {
  /// Texts that YAML, JSON or both would change in one spelling or another.
  static let awkward = [
    "", " ", "quote\" 'single' `back`", "back\\slash \\n", "line\nbreak\r\n\ttab", "true", "null", "~", "1e3", "0x1f",
    "012", "2001-01-01", "12:30:45", "- a", "a: b # c", "{a}", "[a]", "&a *b !c %d @e", "<&>", "é e\u{301} \u{212A}",
    "\u{85}\u{2028}\u{2029}\u{FEFF}\u{7F}\u{80}\u{1}", "\u{1F600}\u{10FFFF}", "---", "...", "\u{FFFD}",
  ]

  /// One manifest of each kind with `text` wherever free text may stand.
  static func manifests(_ text: String) -> [String] {
    /// Escapes all that YAML would not take as it stands.
    func json(_ text: String) -> String {
      "\""
        + text.unicodeScalars.map { scalar in
          let isPlain = scalar.value > 0xFFFF || (scalar.isASCII && scalar.properties.isAlphabetic) || scalar == ":"
          let digits = String(scalar.value, radix: 16)
          return isPlain ? String(scalar) : "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        }.joined() + "\""
    }
    let quoted = json(text)
    let line = json(String(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
    let name = json(text.isEmpty ? "x" : String(text.prefix(12)))
    let word = json(text.isEmpty ? "x" : String(text.prefix(5)))
    let auth = "auth: {username: \(name), password: {name: keys, key: k}}"
    return [
      Example.generator("Fake", "data: {\"true\": \(quoted), \"1e3\": \(quoted), a: \(quoted)}\nleaseDuration: 1h"),
      Example.generator(
        "Password", "{length: 12, digits: 3, symbolCharacters: \"\\\"\\\\'\", symbols: 2, noUpper: ON}"),
      Example.generator("UUID", "{leaseDuration: \"90s\"}"),
      Example.generator("SSHKey", "comment: \(line)"),
      Example.generator("BasicAuth", "username: {prefix: \(line.replacingOccurrences(of: ":", with: ""))}"),
      Example.generator(
        "MFA", "secret: {name: keys, key: \"0x1f\"}\nwhen: 2001-01-01T00:00:00Z\nlength: 8\nalgorithm: null"),
      Example.generator("Webhook", "url: https://a/b\nbody: \(quoted)\nheaders: {\"X-1\": \(line)}\ntimeout: 5s"),
      Example.generator(
        "PostgreSql", "host: \(name)\n\(auth)\nport: \"5433\"\nuser: {username: \(word), roles: [\(name)]}"),
      Example.generator(
        "VaultDynamicSecret",
        "path: a\nmethod: PUT\nparameters: {\"1e3\": \(quoted), n: 1}\nprovider: {server: \"https://v\", "
          + "auth: {userPass: {username: \(name), secretRef: {name: keys}}}}"),
    ]
  }

  @Test("snapshot, generator, snapshot is the identity, and the generator is the same", arguments: awkward)
  func identity(_ text: String) throws {
    for manifest in Self.manifests(text) {
      let (resource, printed) = try ManifestDirectory.generator(manifest)
      let loaded = try #require(resource, "\(printed)")
      let again = try GeneratorResource(snapshot: loaded.snapshot)
      #expect(again.snapshot.utf8.elementsEqual(loaded.snapshot.utf8))
      #expect(again.reference == loaded.reference)
      #expect(again.leaseSeconds == loaded.leaseSeconds)
      if case .fake(let spec) = again.spec {
        #expect(spec.data.keys.sorted() == ["1e3", "a", "true"])
      } else {
        #expect(again.spec == loaded.spec)
      }
      #expect(!loaded.snapshot.unicodeScalars.contains("\n"))
      // Other readers must be able to read it too.
      _ = try JSONSerialization.jsonObject(with: Data(loaded.snapshot.utf8))
    }
  }

  @Test("the members are sorted, spellings are JSON's, and the namespace is written out")
  func form() throws {
    let (resource, _) = try ManifestDirectory.generator(
      """
      spec: {symbols: 1, noUpper: Yes, length: 8, encoding: ~}
      kind: Password
      metadata: {name: a, labels: {b: c}}
      apiVersion: generators.external-secrets.io/v1alpha1
      status: {}
      """)
    #expect(
      resource?.snapshot
        == "{\"apiVersion\":\"generators.external-secrets.io/v1alpha1\",\"kind\":\"Password\","
        + "\"metadata\":{\"name\":\"a\",\"namespace\":\"default\"},"
        + "\"spec\":{\"encoding\":null,\"length\":8,\"noUpper\":true,\"symbols\":1}}")
  }

  @Test("a Fake's values are not in it")
  func noSecret() throws {
    let (resource, _) = try ManifestDirectory.generator(Example.generator("Fake", "data: {a: hunter2}"))
    let loaded = try #require(resource)
    #expect(!loaded.snapshot.contains("hunter2"))
    #expect(try GeneratorResource(snapshot: loaded.snapshot).spec == .fake(FakeSpec(data: ["a": SecretBytes("")])))
  }

  @Test(
    "what is damaged is DATA_LOSS",
    arguments: ["", "{", "[]", "x", "{\"a\":1,\"a\":2}", "{}\n---\n{}", "null", "{\"apiVersion\":\"\u{1}\"}"])
  func damaged(_ snapshot: String) {
    let error = #expect(throws: RPCError.self) { try GeneratorResource(snapshot: snapshot) }
    #expect(error?.code == .dataLoss)
  }

  @Test(
    "what this version cannot use is FAILED_PRECONDITION with the reason",
    arguments: [
      ("{}", "`kind` is missing"),
      (Example.store, "cannot use"),
      (Example.generator("Grafana", "{}"), "no generator of kind `Grafana`"),
      (Example.generator("UUID", "{new: 1}"), "unknown field `spec.new`"),
      (Example.secret, "cannot use"),
    ])
  func unusable(_ snapshot: String, _ reason: String) {
    let error = #expect(throws: RPCError.self) { try GeneratorResource(snapshot: snapshot) }
    #expect(error?.code == .failedPrecondition)
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
  }

  @Test("a manifest past 1 MiB is refused at load")
  func tooLarge() throws {
    func printed(_ count: Int) throws -> [String] {
      let entries = (0..<count).map { "k\($0): ''" }.joined(separator: ", ")
      return try ManifestDirectory.generator(Example.generator("Fake", "data: {\(entries)}")).1
    }
    #expect(try printed(50_000) == [])
    #expect(try printed(100_000) == ["a.yaml:1: the manifest is larger than 1 MiB; shorten its values"])
  }
}
