import Foundation
import Resources
import Testing
import YAML

/// Each case is one fault put into good manifests, and the whole of what `validate` must print.
@Suite struct BrokenManifestTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var file = "a.yaml"
    var text: String
    var expected: [String]
  }

  static func federation(_ name: String, _ old: String, _ new: String, _ expected: String...) -> Case {
    Case(testDescription: name, text: Example.varied(Example.federation, old, new), expected: expected)
  }

  static func store(_ name: String, _ old: String, _ new: String, _ expected: String...) -> Case {
    Case(testDescription: name, text: Example.varied(Example.store, old, new), expected: expected)
  }

  /// The Authorization stands below its federation and store, from line 16 on.
  static func grant(_ name: String, _ old: String, _ new: String, _ expected: String...) -> Case {
    let text = Example.varied(Example.authorization, old, new)
    return Case(
      testDescription: name, text: Example.federation + "---\n" + Example.store + "---\n" + text, expected: expected)
  }

  @Test(
    "each broken manifest gets its file, its line and its advice", arguments: document + federations + grants + stores)
  func diagnostics(_ example: Case) throws {
    let directory = try ManifestDirectory([example.file: example.text])
    #expect(directory.printed() == example.expected)
    let (manifests, diagnostics) = directory.load()
    // What has an error is left out, the rest is kept.
    let documents = example.text.components(separatedBy: "---\n").count
    let kept =
      manifests.kubernetesFederations.count + manifests.authorizations.count + manifests.clusterSecretStores.count
      + manifests.generators.count + manifests.secrets.count
    if !diagnostics.contains(where: \.isError) { #expect(kept == documents) } else { #expect(kept < documents) }
  }

  @Test("no diagnostic shows a secret")
  func noSecret() throws {
    let secret = "hunter2"
    let directory = try ManifestDirectory([
      "a.yaml": Example.varied(
        Example.store, "local: {}",
        "fake: {data: [{key: a, value: \(secret)}, {key: a, value: [\(secret)]}, \(secret)]}"),
      "b.yaml": Example.varied(Example.federation, "https://", "https://user:\(secret)@"),
      "c.yaml": Example.varied(Example.store, "local: {}", "fake: {data: [{key: a, value: \"\(secret)}]}"),
    ])
    #expect(directory.load().diagnostics.count == 4)
    #expect(!directory.printed().joined().contains(secret))
  }

  @Test("of more faults than are listed the first are, and a last one says how grave the others are")
  func tooMany() throws {
    func printed(_ directory: ManifestDirectory, _ maximum: Int) -> [String] {
      var limits = YAMLLimits()
      limits.problems = maximum
      return ManifestLoader.load(directory: directory.path, limits: limits).diagnostics.map {
        $0.description.replacingOccurrences(of: directory.path, with: "dir")
      }
    }
    let broken = try ManifestDirectory([
      "a.yaml": Example.varied(Example.store, "local: {}", "fake: {data: [{kee: a}, {kez: a}, {kex: a}]}")
    ])
    let all = printed(broken, 100)
    #expect(all.count == 6)
    #expect(printed(broken, 6) == all)
    #expect(printed(broken, 2) == all[..<2] + ["dir: there is more to report than these 2; repair these first"])

    let unresolved = try ManifestDirectory(["a.yaml": Example.authorization])
    #expect(
      printed(unresolved, 1).last == "dir: warning: there is more to report than these 1; repair these first")
    #expect(ManifestLoader.load(directory: unresolved.path).manifests.authorizations.count == 1)
  }

  @Test("one kind and name in two files is an error at the second that names the first")
  func duplicates() throws {
    let directory = try ManifestDirectory([
      "a.yaml": "# first\n" + Example.federation,
      "b/c.yaml": Example.store + "---\n" + Example.varied(Example.federation, "identity.federation", "federation"),
    ])
    #expect(
      directory.load().diagnostics.map(\.description) == [
        "\(directory.path)/b/c.yaml:12: KubernetesFederation `cluster-a` is already defined at "
          + "\(directory.path)/a.yaml:2; rename or remove one of them"
      ])
    let manifests = directory.load().manifests
    #expect(manifests.kubernetesFederations.map(\.location.line) == [2])
    #expect(manifests.clusterSecretStores.count == 1)
  }

  @Test("a broken document does not keep the others from being read and checked, within a file and across files")
  func everythingIsReported() throws {
    let directory = try ManifestDirectory([
      "1.yaml": "a: [\n---\n" + Example.store + "---\n" + Example.varied(Example.federation, "url:", "uri:"),
      "2.yaml": "kind: List\napiVersion: v1\nitems:\n  - 1\n  - {kind: Service, apiVersion: v1}\n",
      "3.yaml": Example.authorization,
    ])
    #expect(
      directory.printed() == [
        "1.yaml:2: a value was expected here; put it in quotes, or close the `[` or `{` that stands above",
        "1.yaml:16: unknown field `spec.uri`; did you mean `url`?",
        "2.yaml:4: a manifest must be a mapping, not a number; it has the fields `apiVersion`, `kind`, `metadata`, "
          + "`spec` and `status`",
        "2.yaml:5: unknown kind `Service`; this server reads `KubernetesFederation`, `OktaFederation`, "
          + "`PingIdentityFederation`, `OIDCFederation`, `SpiffeFederation`, `Authorization`, `ClusterSecretStore`, `Secret`, `ConfigMap`, `Fake`, `Password`, `UUID`, `SSHKey`, `BasicAuth`, `MFA`, `Webhook`, "
          + "`PostgreSql` and `VaultDynamicSecret`",
      ])
    let manifests = directory.load().manifests
    #expect(manifests.clusterSecretStores.map(\.name) == ["vault-a"])
    #expect(manifests.authorizations.map(\.name) == ["app"])
  }
}
