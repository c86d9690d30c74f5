import Foundation
import TestSupport
import Testing

/// The manifests of deploy/examples/central-vault with everything around them real: Vault's stand-in, an issuer for the client
/// cluster and a federation server, each behind a certificate authority of its own.
final class CentralVaultWorld: Sendable {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../..").standardizedFileURL.path
  static let example = root + "/deploy/examples/central-vault"

  let vault: VaultServer
  let cluster: OIDCIssuer
  let authority: TestCertificateAuthority
  let server: ChildProgram
  let port: UInt16
  private let directory: TemporaryDirectory

  /// `annotations` are those of the store that the test needs otherwise: what stands in the file, and what to put there.
  /// With `brief` there is a second store of that name, the same but for these.
  init(_ annotations: [String: String], brief: [String: String]? = nil) async throws {
    vault = try await VaultServer()
    cluster = try OIDCIssuer(
      authority: TestCertificateAuthority(name: "Client cluster CA"),
      issuer: "https://kubernetes.default.svc.cluster.local")
    authority = try TestCertificateAuthority(name: "Federation CA")
    directory = try TemporaryDirectory()
    // What the stand-in takes for a token of role `federation`.
    let token = try directory.write("good-jwt", to: "vault-token")
    var store = [
      "@VAULT_URL@": vault.url, "@VAULT_CA@": Self.base64(vault.authority.certificatePEM),
      "/run/federation/vault-token": token,
    ]
    var access = [
      "@CLUSTER_URL@": cluster.url, "@CLUSTER_CA@": Self.base64(cluster.caCertificates),
      "@CLUSTER_ISSUER@": "https://kubernetes.default.svc.cluster.local",
    ]
    if let brief {
      let second = store.merging(brief) { $1 }.merging(["  name: vault": "  name: brief"]) { $1 }
      try directory.write(Self.text("central/store.yaml", second), to: "central/brief.yaml")
      access["[vault]"] = "[vault, brief]"
    }
    store.merge(annotations) { $1 }
    try directory.write(Self.text("central/store.yaml", store), to: "central/store.yaml")
    try directory.write(Self.text("central/access.yaml", access), to: "central/access.yaml")
    let certificate = try authority.issue()
    server = try ChildProgram.server(
      certificate, ["--config", directory.path + "/central", "--loops", "1", "--watch-poll", "1"])
    port = try await server.servedPort(timeoutSeconds: 120)
  }

  /// A pod of the example's Deployment; of another service account where `account` is given.
  func pod(account: String? = nil) throws -> ExamplePod {
    let manifest = try Self.text(
      "client/metrics.yaml",
      [
        "@FEDERATION_URL@": "https://127.0.0.1:\(port)",
        "@FEDERATION_CA@": Self.base64(authority.certificatePEM), "@IMAGE@": "none",
        "/usr/local/bin/esi-cli": ChildProgram.productsDirectory + "/esi-cli",
        "/app/metrics": Self.root + "/Tests/MetricsProgram/main.py", "0.0.0.0:9090": "127.0.0.1:0",
      ])
    return try ExamplePod(manifest) { own, audience in try token(account ?? own, audience) }
  }

  /// A token of a service account of the client cluster.
  func token(_ account: String = "metrics", _ audience: String = "ese-federation") throws -> String {
    var claims = cluster.claims(namespace: "monitoring", serviceAccount: account)
    claims.audiences = [audience]
    return try cluster.token(claims)
  }

  /// Ends the server in order.
  func stop() async -> ChildProgram.Exit {
    server.signal(SIGTERM)
    await cluster.stop()
    return await server.wait()
  }

  /// A file of the example, filled in.
  private static func text(_ file: String, _ replacements: [String: String]) throws -> String {
    var text = try String(contentsOfFile: "\(example)/\(file)", encoding: .utf8)
    for (word, value) in replacements {
      guard text.contains(word) else { throw TestSupportError("\(file) has no \(word)") }
      text = text.replacing(word, with: value)
    }
    // Nothing is filled in but what the README tells of.
    let words = Set(text.matches(of: /@[A-Z_]+@/).map { String($0.output) })
    guard words.isEmpty else { throw TestSupportError("\(file) still has \(words)") }
    return text
  }

  private static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}
