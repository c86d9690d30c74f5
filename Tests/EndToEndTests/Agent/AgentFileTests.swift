import Foundation
import Glibc
import TestSupport
import Testing

/// `ese-agent` with manifests and files against a real server.
@Suite(.timeLimit(.minutes(5))) struct AgentFileTests {
  private static let password = "data: [{secretKey: password, remoteRef: {key: password}}]"

  @Test(
    "values of data and dataFrom become a Secret's file that only its owner reads",
    arguments: ["auto", "rpc", "grpc", "http"])
  func writes(transport: String) async throws {
    let world = try await AgentWorld([("password", "s3cret"), ("document", #"{"user":"ann","port":5432}"#)])
    try world.directory.write(world.storeManifest(transport: transport), to: "agent/store.yaml")
    try world.write(
      AgentWorld.externalSecret(
        "database",
        """
        target: {name: login}
        dataFrom: [{extract: {key: document}}, {find: {name: {regexp: ^pass}}}]
        data:
          - {secretKey: pass, remoteRef: {key: password}}
          - {secretKey: user, remoteRef: {key: document, property: user}}
        """, metadata: "labels: {team: a}, annotations: {note: b}"), "database")
    let (exit, log) = try await world.once()
    #expect(exit == .status(0), "\(log)")
    #expect(world.secret("login") == ["password": "s3cret", "pass": "s3cret", "user": "ann", "port": "5432"])
    #expect(world.ready("database")?.reason == "SecretSynced")
    let text = try world.text("login")
    #expect(text.contains("\"team\": \"a\"") && text.contains("\"note\": \"b\""))
    var status = stat()
    #expect(stat(world.path("login"), &status) == 0 && status.st_mode & 0o777 == 0o600)
    #expect(stat(world.output + "/demo", &status) == 0 && status.st_mode & 0o777 == 0o700)
    #expect(!log.contains("s3cret"))
    await world.stop()
  }

  @Test("v1beta1 is read too, and templates are applied")
  func templates() async throws {
    let world = try await AgentWorld([("password", "p@ss"), ("user", "ann")])
    let manifest = AgentWorld.externalSecret(
      "database",
      """
      target:
        template:
          type: kubernetes.io/basic-auth
          metadata: {labels: {for: "{{ .user }}"}, annotations: {length: "{{ len .password }}"}}
          mergePolicy: Merge
          data:
            url: "postgres://{{ .user }}:{{ .password | b64enc }}@db/{{ if eq .user \\"ann\\" }}app{{ end }}"
            password: "{{ .password | upper }}"
      data:
        - {secretKey: user, remoteRef: {key: user}}
        - {secretKey: password, remoteRef: {key: password}}
      """)
    try world.write(manifest.replacing("external-secrets.io/v1\n", with: "external-secrets.io/v1beta1\n"), "database")
    let (exit, log) = try await world.once()
    #expect(exit == .status(0), "\(log)")
    #expect(
      world.secret("database") == ["user": "ann", "password": "P@SS", "url": "postgres://ann:cEBzcw==@db/app"])
    let text = try world.text("database")
    for line in ["\"for\": \"ann\"", "\"length\": \"4\"", "type: \"kubernetes.io/basic-auth\""] {
      #expect(text.contains(line))
    }
    await world.stop()
  }

  @Test("a template that cannot be applied is an error that shows no value; the last good Secret stays")
  func templateFails() async throws {
    let world = try await AgentWorld([("password", #"{"a":1}"#)])
    try world.write(
      AgentWorld.externalSecret(
        "database",
        "refreshInterval: 1s\ntarget: {template: {data: {a: \"{{ (.password | fromJson).a }}\"}}}\n" + Self.password),
      "database")
    let agent = try await world.readyAgent()
    #expect(world.secret("database") == ["a": "1"])
    try world.put("h3llo", "password")
    _ = try await agent.stderr.waitForLine(containing: "fromJson: the value is no JSON")
    try await world.wait("the failure is said") { world.ready("database")?.reason == "SecretSyncedError" }
    #expect(world.secret("database") == ["a": "1"])
    #expect(!agent.stderr.text.contains("h3llo"))
    agent.signal(SIGTERM)
    #expect(await agent.wait() == .status(0))
    await world.stop()
  }

  @Test("a change in the store reaches the file within the interval, and a new manifest its own")
  func rotates() async throws {
    let world = try await AgentWorld([("password", "one")])
    try world.write(AgentWorld.externalSecret("database", "refreshInterval: 1s\n" + Self.password), "database")
    let agent = try await world.readyAgent()
    #expect(world.secret("database") == ["password": "one"])
    for value in ["two", "three"] {
      try world.put(value, "password")
      try await world.wait("\(value) in the file") { world.secret("database") == ["password": value] }
    }
    try world.write(AgentWorld.externalSecret("another", Self.password), "another")
    try await world.wait("the new one's file") { world.secret("another") == ["password": "three"] }
    // Somebody's change of a managed Secret is put right when the agent looks at it next.
    try FileManager.default.removeItem(atPath: world.path("another"))
    agent.signal(SIGHUP)
    try await world.wait("the file is back") { world.secret("another") != nil }
    agent.signal(SIGTERM)
    #expect(await agent.wait() == .status(0))
    #expect(agent.stdout.text == "ready\n")
    #expect(agent.stderr.text.split(separator: "\n").allSatisfy { $0.hasPrefix("{\"time\":") })
    await world.stop()
  }

  @Test("while the server is away the last good Secret stays, and it is found again")
  func serverAway() async throws {
    let world = try await AgentWorld([("password", "one")])
    try world.write(AgentWorld.externalSecret("database", "refreshInterval: 1s\n" + Self.password), "database")
    let agent = try await world.readyAgent()
    await world.stopServer()
    try await world.wait("the failure is said") { world.ready("database")?.reason == "SecretSyncedError" }
    #expect(world.ready("database")?.message.hasPrefix("could not get secret data from provider: ") == true)
    #expect(world.secret("database") == ["password": "one"])
    try await world.startServer()
    try world.put("two", "password")
    try await world.wait("the new value", timeoutSeconds: 60) { world.secret("database") == ["password": "two"] }
    try await world.wait("the success is said") { world.ready("database")?.reason == "SecretSynced" }
    agent.signal(SIGTERM)
    #expect(await agent.wait() == .status(0))
    await world.stop()
  }

  @Test("a second agent with the same output, or the same statuses, refuses to start until the first has ended")
  func secondAgent() async throws {
    let world = try await AgentWorld([("password", "one")])
    try world.write(AgentWorld.externalSecret("database", Self.password), "database")
    let agent = try await world.readyAgent()
    let second = try await world.once(["--status", world.directory.path + "/other"])
    #expect(second.exit == .status(1))
    #expect(
      second.log
        == "ese-agent: another ese-agent writes to \(world.output); stop it, or give this one directories of its own\n")
    let third = try ChildProgram(
      product: "ese-agent",
      arguments: [
        "--once", "--manifests", world.directory.path + "/agent", "--output", world.directory.path + "/elsewhere",
        "--status", world.output + "/.status",
      ])
    #expect(await third.wait() == .status(1))
    #expect(third.stderr.text.contains("writes to \(world.output)/.status;"))
    agent.signal(SIGTERM)
    #expect(await agent.wait() == .status(0))
    #expect(try await world.once().exit == .status(0))
    await world.stop()
  }

  @Test("a revoked grant is said, and the last good Secret stays")
  func revoked() async throws {
    let world = try await AgentWorld([("password", "one")])
    try world.write(AgentWorld.externalSecret("database", Self.password), "database")
    #expect(try await world.once().exit == .status(0))
    try world.grant(nil)
    let (exit, _) = try await world.once()
    #expect(exit == .status(1))
    #expect(world.ready("database")?.reason == "SecretSyncedError")
    #expect(world.secret("database") == ["password": "one"])
    await world.stop()
  }

  @Test("a manifest with an error keeps the agent from starting, and a running one from forgetting what it had")
  func badManifest() async throws {
    let world = try await AgentWorld([("password", "one")])
    try world.write(AgentWorld.externalSecret("database", Self.password), "database")
    let agent = try await world.readyAgent()
    try world.write("kind: ExternalSecret\nspec: {", "database")
    _ = try await agent.stderr.waitForLine(containing: "reload_refused")
    #expect(world.secret("database") == ["password": "one"])
    agent.signal(SIGTERM)
    #expect(await agent.wait() == .status(0))

    let cases = [
      ("secretStoreRef: {kind: SecretStore, name: x}\ndata: []", "write `FederationStore`"),
      ("refreshInterval: 5\n" + Self.password, "put it in quotes"),
      ("target: {creationPolcy: Owner}\n" + Self.password, "did you mean `creationPolicy`?"),
      ("target: {creationPolicy: Orphan, deletionPolicy: Delete}\n" + Self.password, "write `Retain`"),
      ("target: {template: {templateFrom: []}}\n" + Self.password, "write the template into `data`"),
      (
        "target: {template: {data: {a: \"{{ env }}\"}}}\n" + Self.password,
        "target.template.data.a: 1:3: there is no function"
      ),
      ("data: [{secretKey: a, remoteRef: {kee: x}}]", "`spec.data[0].remoteRef"),
      ("dataFrom: [{extract: {key: a}, sourceRef: {storeRef: {name: x}}}]", "write another ExternalSecret"),
    ]
    for (spec, message) in cases {
      let own = spec.hasPrefix("secretStoreRef")
      let manifest = AgentWorld.externalSecret("database", spec)
      try world.write(
        own ? manifest.replacing("  secretStoreRef: {kind: FederationStore, name: remote}\n", with: "") : manifest,
        "database")
      let (exit, log) = try await world.once()
      #expect(exit == .status(1))
      #expect(log.contains("database.yaml:") && log.contains(message), "\(log)")
    }
    #expect(world.secret("database") == ["password": "one"])
    await world.stop()
  }
}
