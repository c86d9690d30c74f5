import Foundation
import TestSupport
import Testing

/// A manifest with one fault, and what `validate` must say of it.
private struct BrokenManifest: Sendable {
  let text: String
  let line: Int
  let advice: String

  init(_ head: String, _ rest: String, _ line: Int, _ advice: String) {
    text = head + rest + "\n"
    self.line = line
    self.advice = advice
  }
}

private let federation = """
  apiVersion: identity.federation.external-secrets.io/v1alpha1
  kind: KubernetesFederation
  metadata: {name: a}

  """

private let authorization = """
  apiVersion: federation.external-secrets.io/v1alpha1
  kind: Authorization
  metadata: {name: a}

  """

private let store = """
  apiVersion: external-secrets.io/v1
  kind: ClusterSecretStore
  metadata: {name: a}

  """

private let manifests: [BrokenManifest] = [
  .init(
    federation,
    "spec:\n"
      + "  url: http://a.example", 5,
    "`spec.url` must begin with `https://`; http would show tokens to the network"),
  .init(
    federation,
    "spec:\n"
      + "  ulr: https://a.example", 5,
    "unknown field `spec.ulr`; did you mean `url`?"),
  .init(
    federation, "spec: {}", 4,
    "`spec.url` is missing; write the URL of the cluster's API server, for example `url: https://10.0.0.1:6443`"),
  .init(
    federation,
    "spec:\n"
      + "  url: https://a.example\n"
      + "  audiences: x", 6,
    "`spec.audiences` must be a list, not a string; begin each item with `- `"),
  .init(
    federation,
    "spec:\n"
      + "  url: https://a.example\n"
      + "  caBundle: \"%%\"", 6,
    "`spec.caBundle` is not base64; encode a PEM file with `base64 -w0 ca.crt`"),
  .init(
    authorization,
    "spec:\n"
      + "  federationRef: {kind: KubernetesFederation, name: x}\n"
      + "  subject: {}", 6,
    "`spec.subject`: spiffe or subject must be set; write `oidc` with `issuer` and `subject`, or `spiffe` with `spiffeID`, and only one of them"
  ),
  .init(
    authorization,
    "spec:\n"
      + "  federationRef: {kind: KubernetesFederatoin, name: x}\n"
      + "  subject: {oidc: {issuer: i, subject: s}}", 5,
    "unknown federation kind `KubernetesFederatoin`; did you mean `KubernetesFederation`?"),
  .init(
    authorization,
    "spec:\n"
      + "  federationRef: {kind: KubernetesFederation, name: x}\n"
      + "  subject: {oidc: {issuer: i, subject: s}}\n"
      + "  allowedClusterSecretStore: [a]", 7,
    "unknown field `spec.allowedClusterSecretStore`; did you mean `allowedClusterSecretStores`?"),
  .init(
    store,
    "spec:\n"
      + "  provider: {doppler: {server: x}}", 5,
    "this version does not serve the provider `doppler` yet; use one of `fake`, `local`, `aws`, `gcpsm`, `kubernetes`, "
      + "`vault` and `webhook`"),
  .init(
    store,
    "spec:\n"
      + "  provider: {fake: {data: [{key: a}]}}", 5,
    "`spec.provider.fake.data[0].value` is missing; write the secret's text, `value: \"\"` for none"),
  .init(
    store,
    "spec:\n"
      + "  provider: {local: {}}\n"
      + "---\n"
      + "apiVersion: external-secrets.io/v1\n"
      + "kind: ClusterSecretStore\n"
      + "metadata: {name: a}\n"
      + "spec:\n"
      + "  provider: {local: {}}", 9,
    "ClusterSecretStore `a` is already defined at DIR/broken.yaml:1; rename or remove one of them"),
  .init(
    "",
    "apiVersion: v1\n"
      + "kind: Service\n"
      + "metadata: {name: a}", 2,
    "unknown kind `Service`; this server reads `KubernetesFederation`, `OktaFederation`, `PingIdentityFederation`, "
      + "`OIDCFederation`, `SpiffeFederation`, `Authorization`, `ClusterSecretStore`, `Secret`, `ConfigMap`, `Fake`, `Password`, `UUID`, `SSHKey`, `BasicAuth`, `MFA`, `Webhook`, `PostgreSql` and `VaultDynamicSecret`"
  ),
  .init(
    "",
    "kind: Authorization\n"
      + "metadata: {name: a", 2,
    "the mapping opened with `{` is not closed; add the missing `,` or `}`"),
  .init(
    "",
    "apiVersion: external-secrets.io/v1\n"
      + "kind: ClusterSecretStore\n"
      + "metadata: {name: \"Bad_Name\"}\n"
      + "spec:\n"
      + "  provider: {local: {}}", 3,
    "`metadata.name` `Bad_Name` is no Kubernetes name; use at most 253 lower-case letters, digits, `-` and `.`, and begin and end with a letter or digit"
  ),
  .init(
    "",
    "apiVersion: v1\n"
      + "metadata: {name: a}", 1,
    "`kind` is missing; name what the manifest describes, for example `kind: Authorization`"),
]

@Suite struct ValidateCommandTests {
  @Test("fifteen broken manifests: each gets its file, its line and its advice, and exit 1", arguments: 0..<15)
  func broken(index: Int) async throws {
    let manifest = manifests[index]
    let directory = try TemporaryDirectory()
    _ = try directory.write(manifest.text, to: "broken.yaml")
    let child = try ChildProgram(product: "federation-server", arguments: ["validate", "--config", directory.path])
    #expect(await child.wait() == .status(1))
    let advice = manifest.advice.replacingOccurrences(of: "DIR", with: directory.path)
    let first = child.stderr.text.split(separator: "\n").first.map(String.init)
    #expect(first == "\(directory.path)/broken.yaml:\(manifest.line): \(advice)")
  }

  @Test("good manifests: a count of what is there, and exit 0")
  func good() async throws {
    let directory = try TemporaryDirectory()
    let text = ServedFederation.manifests(issuer: "https://127.0.0.1:6443")
    _ = try directory.write(text, to: "good.yaml")
    let child = try ChildProgram(product: "federation-server", arguments: ["validate", "--config", directory.path])
    #expect(await child.wait() == .status(0), "\(child.stderr.text)")
    #expect(child.stdout.text.contains("valid: 1 federations, 1 authorizations, 2 stores, 0 generators\n"))
  }
}
