import FederationAPI
import Resources
import TestSupport
import Testing

@testable import Reconciler

/// A Secret's file, and back.
@Suite struct TargetFileTests {
  private var secret: TargetSecret {
    var secret = TargetSecret(
      name: ResourceName(namespace: "demo", name: "login"), type: "kubernetes.io/basic-auth",
      labels: ["team": "a: \"b\"\n# c"], annotations: ["note": "\u{85}\u{FEFF}yes", "empty": ""],
      data: ["a": SecretBytes("x: y\n"), "b": SecretBytes("")])
    secret.isImmutable = true
    secret.owner = SecretOwner(name: "db")
    return secret
  }

  @Test("what is written is read again", arguments: TargetFormat.allCases)
  func roundTrip(format: TargetFormat) throws {
    let file = TargetFile(format: format)
    let text = try file.text(of: secret)
    #expect(file.secret(text, name: secret.name) == secret)
    let plain = TargetSecret(name: secret.name)
    #expect(file.secret(try file.text(of: plain), name: plain.name) == plain)
  }

  @Test("a file of another kind, another name, or several manifests is none", arguments: TargetFormat.allCases)
  func foreign(format: TargetFormat) throws {
    let file = TargetFile(format: format)
    let text = try file.text(of: secret)
    #expect(file.secret(text, name: ResourceName(namespace: "demo", name: "other")) == nil)
    #expect(file.secret(text + Array("\n---\n".utf8) + text, name: secret.name) == nil)
    #expect(file.secret(Array("kind: ConfigMap\nmetadata: {name: login}\n".utf8), name: secret.name) == nil)
    #expect(file.secret(Array("{{".utf8), name: secret.name) == nil)
    #expect(file.secret([], name: secret.name) == nil)
  }

  @Test("a Secret keeps bytes that are no text, a store refuses them")
  func binary() throws {
    var secret = secret
    secret.data["raw"] = SecretBytes([0xFF, 0])
    let file = TargetFile(format: .secret)
    #expect(file.secret(try file.text(of: secret), name: secret.name) == secret)
    #expect(throws: RPCError.self) { try TargetFile(format: .store).text(of: secret) }
  }

  @Test("a server reads the file of either format")
  func served() throws {
    let directory = try TemporaryDirectory()
    try directory.write(TargetFile(format: .secret).text(of: secret), to: "secret.yaml")
    try directory.write(TargetFile(format: .store).text(of: secret), to: "store.yaml")
    let (manifests, diagnostics) = ManifestLoader.load(directory: directory.path)
    #expect(diagnostics.filter(\.isError) == [])
    #expect(manifests.secrets.first?.values == secret.data)
    #expect(manifests.clusterSecretStores.map(\.name) == ["demo.login"])
  }
}
