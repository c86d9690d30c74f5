import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct ValidateOnlineTests {
  private func validate(_ token: String, _ vault: VaultServer, _ arguments: [String]) async throws -> ChildProgram {
    let directory = try TemporaryDirectory()
    let ca = Data(vault.authority.certificatePEM).base64EncodedString()
    try directory.write(
      """
      apiVersion: v1
      kind: Secret
      metadata: {name: vault}
      stringData: {token: \(token)}
      ---
      apiVersion: external-secrets.io/v1
      kind: ClusterSecretStore
      metadata: {name: central}
      spec: {provider: {vault: {server: "\(vault.url)", path: secret, caBundle: \(ca), auth: {tokenSecretRef: {name: vault}}}}}
      """, to: "store.yaml")
    let program = try ChildProgram(
      product: "federation-server", arguments: ["validate", "--config", directory.path] + arguments)
    _ = await program.wait()
    return program
  }

  @Test("--online tells a store whose backend lets the server in from one whose backend does not")
  func online() async throws {
    let vault = try await VaultServer()
    let good = try await validate(VaultServer.rootToken, vault, ["--online"])
    #expect(await good.wait() == .status(0))
    let bad = try await validate("hvs.wrong", vault, ["--online"])
    #expect(await bad.wait() == .status(1))
    #expect(bad.stderr.text.contains("store.yaml:6: store `central` cannot be used: Vault answered 403"))
    #expect(!bad.stderr.text.contains("hvs.wrong"))
    // Nobody is asked without it.
    #expect(await (try validate("hvs.wrong", vault, [])).wait() == .status(0))
  }
}
