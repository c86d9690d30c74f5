import Crypto
import Foundation
import Glibc
import TestSupport
import Testing

/// What a client's core or log tells of the key by which it proves itself, and of the tokens that it got for it.
@Suite(
  .timeLimit(.minutes(5)),
  .enabled(if: HiddenValues.maySearch, "a core of a process that cannot be dumped needs CAP_SYS_PTRACE"))
struct ClientKeyMemoryTests {
  @Test("esi-cli --mode=daemon, which shows an SVID", arguments: ["http", "rpc"])
  func daemonWithSVID(transport: String) async throws {
    let (hidden, world, directory) = (HiddenValues(), try await SPIFFEWorld(), try TemporaryDirectory())
    func put(_ value: String) throws {
      try world.manifests.write(ManifestText.store("app", [("password", value)]), to: "stores.yaml")
      world.server.reload()
    }
    // An open watch may keep its last message.
    func value(_ name: String) -> String { transport == "http" ? hidden.text(name) : UUID().uuidString }
    try put(value("first value"))
    let svid = try world.authority.issueSVID(SPIFFEWorld.id)
    try hidden.add("key of the SVID", keyPEM: svid.keyPEM)
    let files = try svid.write(to: directory)
    let daemon = try daemon(
      "https://localhost:\(world.port)", transport, ca: try directory.write(world.ca.certificatePEM, to: "ca.crt"),
      [
        "--federated-auth=spiffe", "--spiffe-svid=\(files.certificate)", "--spiffe-key=\(files.key)",
        "--spiffe-bundle=\(try directory.write(world.authority.certificatePEM, to: "bundle.pem"))",
      ], directory)
    try await expectNothing(of: daemon, hidden, directory) { try put(value("second value")) }
    await world.stop()
  }

  @Test("esi-cli --mode=daemon, which proves itself to Okta by a key", arguments: ["es256", "rs256"])
  func daemonWithOkta(algorithm: String) async throws {
    let hidden = HiddenValues()
    let world = try await IdentityMatrixWorld(password: hidden.text("first value"))
    let directory = try TemporaryDirectory()
    let key = try PrivateKey.generate(for: algorithm == "es256" ? .es256 : .rs256)
    try world.okta.register("app", key: key.publicKey)
    try hidden.add("key of the client", keyPEM: key.pem.copied)
    let daemon = try daemon(
      world.url, "http", ca: world.certificateFile,
      [
        "--federated-auth=okta", "--okta-client-id=app", "--okta-domain=\(try world.okta.url)",
        "--okta-auth-server=default", "--okta-private-key=\(try directory.write(key.pem.copied, to: "key.pem"))",
        "--federated-auth-ca-crt=\(world.certificateFile)",
      ], directory)
    try await expectNothing(of: daemon, hidden, directory) {
      for token in try world.okta.tokens { _ = hidden.add("token of Okta", token: token) }
      try world.put(hidden.text("second value"))
      world.reload()
    }
    await world.stop()
  }

  @Test("ese-agent, which shows an SVID")
  func agentWithSVID() async throws {
    let (hidden, world, directory) = (HiddenValues(), try await SPIFFEWorld(), try TemporaryDirectory())
    let value = hidden.text("value")
    try world.manifests.write(ManifestText.store("app", [("password", value)]), to: "stores.yaml")
    world.server.reload()
    let svid = try world.authority.issueSVID(SPIFFEWorld.id)
    try hidden.add("key of the SVID", keyPEM: svid.keyPEM)
    let files = try svid.write(to: directory)
    let bundle = try directory.write(world.authority.certificatePEM, to: "bundle.pem")
    try directory.write(
      """
      apiVersion: federation.external-secrets.io/v1alpha1
      kind: FederationStore
      metadata: {name: remote, namespace: demo}
      spec:
        server:
          url: "https://localhost:\(world.port)"
          transport: http
          caBundle: "\(Data(world.ca.certificatePEM).base64EncodedString())"
        store: app
        auth: {spiffe: {svidFile: "\(files.certificate)", keyFile: "\(files.key)", bundleFile: "\(bundle)"}}
      ---
      \(AgentWorld.externalSecret("it", "refreshInterval: 1s\ndata: [{secretKey: password, remoteRef: {key: password}}]"))
      """, to: "agent/all.yaml")
    let output = directory.path + "/out"
    let agent = try ChildProgram(
      product: "ese-agent",
      arguments: ["--manifests", directory.path + "/agent", "--output", output, "--log-level", "debug"])
    _ = try await agent.stdout.waitForLine(prefix: "ready")
    let written = try String(contentsOfFile: "\(output)/demo/it.yaml", encoding: .utf8)
    #expect(written.contains(Data(value.utf8).base64EncodedString()) || written.contains(value))
    let found = try await hidden.search(process: agent.pid, control: output)
    #expect(try await hidden.searchDefaultCore(of: agent.pid, control: output).isEmpty)
    #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    agent.signal(SIGTERM)
    #expect(await agent.wait() == .status(0))
    #expect(hidden.names(in: agent.stderr.text).isEmpty)
    await world.stop()
  }

  private func daemon(
    _ url: String, _ transport: String, ca: String, _ identity: [String], _ directory: TemporaryDirectory
  ) throws -> ChildProgram {
    // A function that a library binds at its first call has the vector registers, and what they copied, put on the stack.
    let environment = ProcessInfo.processInfo.environment.merging(["LD_BIND_NOW": "1"]) { $1 }
    return try ChildProgram(
      product: "esi-cli",
      arguments: [
        "--mode=daemon", "--federated-server-url=\(url)", "--federated-transport=\(transport)",
        "--federated-ca-crt=\(ca)", "--daemon-refresh-interval=1s",
        "--inject-on-file=\(directory.path)/out/key=app.password",
      ] + identity, environment: environment)
  }

  /// Waits until `daemon` has written what it was asked for and what `change` makes of it, then looks.
  private func expectNothing(
    of daemon: ChildProgram, _ hidden: HiddenValues, _ directory: TemporaryDirectory, change: () throws -> Void
  ) async throws {
    _ = try await daemon.stdout.waitForLine(prefix: "ready")
    try change()
    _ = try await daemon.stderr.waitForLine(containing: "changed \(directory.path)/out/key")
    let found = try await hidden.search(process: daemon.pid, control: directory.path)
    #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    daemon.signal(SIGTERM)
    #expect(await daemon.wait() == .status(0))
    #expect(hidden.names(in: daemon.stderr.text).isEmpty)
  }
}
