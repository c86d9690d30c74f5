import Foundation
import Kubernetes
import TestSupport
import Testing

/// `federation-server serve --kubernetes` against the API stand-in, with kubectl and esi-cli.
@Suite(.timeLimit(.minutes(5))) struct ServeClusterTests {
  @Test("what kubectl applies is served and says so; a deleted grant is gone")
  func lifecycle() async throws {
    let cluster = try await ServedCluster()
    let (server, port) = try await cluster.readyServer()
    #expect(try await cluster.ask(port).status == 401)
    try await cluster.applyAll()
    try await cluster.waitForValue("s3cret", port)
    let fetched = try await cluster.fetch(port)
    #expect(fetched.exit == .status(0) && fetched.output == "s3cret\n", "\(fetched.errors)")
    for (type, name, condition) in [
      (ServedCluster.federations, "cluster", "Ready"), (ServedCluster.authorizations, "grant", "Ready"),
      (ServedCluster.stores, "app", "FederationReady"),
    ] {
      try await cluster.wait("\(condition) of \(name)") {
        try await cluster.condition(type, name, condition).hasPrefix("True Accepted")
      }
      let shown = try await cluster.api.kubectl("get", type.title, name)
      #expect(shown.output.split(separator: "\n").last?.split(separator: " ").contains("True") == true, "\(shown)")
    }
    // A new value, and then no grant.
    try await cluster.apply(ManifestText.store("app", [("password", "changed")]))
    try await cluster.waitForValue("changed", port)
    #expect(try await cluster.api.kubectl("delete", "authorization", "grant").exit == .status(0))
    try await cluster.wait("the grant is gone") { try await cluster.ask(port).status != 200 }
    let refused = try await cluster.fetch(port)
    #expect(refused.exit == .status(1) && refused.output.isEmpty)
    #expect(!server.stderr.text.contains("s3cret") && !server.stderr.text.contains("changed"))
    try await cluster.stop(server)
  }

  @Test("a broken object says what is wrong, and hurts no other")
  func brokenObject() async throws {
    let cluster = try await ServedCluster()
    try await cluster.applyAll()
    try await cluster.apply(
      ManifestText.federation("broken", "http://10.0.0.1:6443"),
      """
      apiVersion: external-secrets.io/v1
      kind: ClusterSecretStore
      metadata: {name: local}
      spec: {provider: {local: {}}}

      """, ManifestText.spiffeFederation("mesh", "example.org", ""))
    let (server, port) = try await cluster.readyServer()
    #expect(try await cluster.ask(port) == (200, "\"s3cret\"\n"))
    try await cluster.wait("the federation's fault") {
      try await cluster.condition(ServedCluster.federations, "broken").hasPrefix("False Invalid `spec.url`")
    }
    try await cluster.wait("the store's fault") {
      try await cluster.condition(ServedCluster.stores, "local", "FederationReady")
        == "False Invalid store \"local\" uses provider local: start the server with --data DIR"
    }
    let spiffe = ResourceType(
      group: "identity.federation.external-secrets.io", version: "v1alpha1", plural: "spiffefederations",
      kind: "SpiffeFederation", isNamespaced: false)
    try await cluster.wait("the port that is missing") {
      let condition = try await cluster.condition(spiffe, "mesh")
      return condition.hasPrefix("False NotServed") && condition.contains("--spiffe-listen HOST:PORT")
    }
    let shown = try await cluster.api.kubectl("get", "kubernetesfederation", "broken")
    #expect(shown.output.contains(" False "), "\(shown)")
    // It is said once, however often something else changes.
    try await cluster.apply(ManifestText.store("app", [("password", "changed")]))
    try await cluster.waitForValue("changed", port)
    let said = server.stderr.text.split(separator: "\n").filter {
      $0.contains("\"event\":\"object_refused\",\"object\":\"KubernetesFederation/broken\"")
    }
    #expect(said.count == 1, "\(said)")
    // And it can be mended.
    try await cluster.apply(ManifestText.federation("broken", cluster.issuer.url))
    try await cluster.wait("it is mended") {
      try await cluster.condition(ServedCluster.federations, "broken").hasPrefix("True Accepted")
    }
    try await cluster.stop(server)
  }

  @Test("while the API is away the last state serves, and what changed meanwhile arrives afterwards")
  func outage() async throws {
    let cluster = try await ServedCluster()
    try await cluster.applyAll()
    let (server, port) = try await cluster.readyServer()
    try await cluster.api.stop()
    #expect(try await cluster.ask(port) == (200, "\"s3cret\"\n"))
    // Back, but not for reading: the changes are made behind the server's back, and their versions are forgotten.
    for verb in ["list", "watch"] { try await cluster.api.fail(verb: verb, status: 503, count: -1) }
    try await cluster.api.start()
    _ = try await cluster.client.patch(
      ServedCluster.stores, name: "app",
      mergePatch: ["spec": ["provider": ["fake": ["data": [["key": "password", "value": "changed"]]]]]])
    #expect(try await cluster.ask(port) == (200, "\"s3cret\"\n"))
    try await cluster.api.compact()
    try await cluster.api.heal()
    try await cluster.waitForValue("changed", port)
    // A grant that is withdrawn while nobody watches is found missing by the next list.
    for verb in ["list", "watch"] { try await cluster.api.fail(verb: verb, status: 503, count: -1) }
    try await cluster.api.cutWatches()
    try await cluster.client.delete(ServedCluster.authorizations, name: "grant")
    try await cluster.api.compact()
    try await cluster.api.heal()
    try await cluster.wait("the grant is gone") { try await cluster.ask(port).status != 200 }
    try await cluster.stop(server)
  }

  @Test("of two servers both serve and one writes; the other does when it is gone")
  func replicas() async throws {
    let cluster = try await ServedCluster()
    try await cluster.applyAll()
    let (first, firstPort) = try await cluster.readyServer(as: "first")
    try await cluster.wait("the first writes") {
      try await cluster.condition(ServedCluster.authorizations, "grant").hasPrefix("True")
    }
    let (second, secondPort) = try await cluster.readyServer(as: "second")
    for port in [firstPort, secondPort] { #expect(try await cluster.ask(port) == (200, "\"s3cret\"\n")) }
    try await cluster.apply(ManifestText.federation("another", cluster.issuer.url))
    try await cluster.wait("the first writes again") {
      try await cluster.condition(ServedCluster.federations, "another").hasPrefix("True")
    }
    func writers() async throws -> Set<String> {
      Set(try await cluster.api.requests().filter { $0.resource.hasSuffix("/status") }.map(\.user))
    }
    #expect(try await writers() == [ServedCluster.user("first")])
    #expect(try await cluster.countStatusWrites() == 4)

    first.signal(SIGTERM)
    #expect(await first.wait() == .status(0))
    try await cluster.apply(ManifestText.federation("third", cluster.issuer.url))
    try await cluster.wait("the second writes") {
      try await cluster.condition(ServedCluster.federations, "third").hasPrefix("True")
    }
    // What the first had written needed no second write.
    #expect(try await cluster.countStatusWrites() == 5)
    #expect(try await writers() == [ServedCluster.user("first"), ServedCluster.user("second")])
    try await cluster.stop(second)
  }

  @Test("a start waits for the API, and SIGTERM ends it in order")
  func waitingStart() async throws {
    let cluster = try await ServedCluster()
    try await cluster.applyAll()
    for verb in ["list", "watch"] { try await cluster.api.fail(verb: verb, status: 503, count: -1) }
    let ended = try await cluster.serve(as: "ended")
    let patient = try await cluster.serve(as: "patient")
    for server in [ended, patient] {
      _ = try await server.stderr.waitForLine(containing: "kubernetes_watch_failed")
    }
    ended.signal(SIGTERM)
    #expect(await ended.wait() == .status(0))
    #expect(ended.stdout.text.isEmpty && patient.stdout.text.isEmpty)
    try await cluster.api.heal()
    #expect(try await cluster.ask(try await patient.servedPort(timeoutSeconds: 60)) == (200, "\"s3cret\"\n"))
    try await cluster.stop(patient)
  }

  @Test("what cannot be found is told at the start, with status 1")
  func noCluster() async throws {
    let program = try ChildProgram(
      product: "federation-server",
      arguments: [
        "serve", "--kubernetes", "--kubeconfig", "/none/kubeconfig", "--listen", "127.0.0.1:0", "--tls-cert", "x",
        "--tls-key", "x",
      ])
    #expect(await program.wait() == .status(1))
    #expect(program.stderr.text.contains("there is no kubeconfig file /none/kubeconfig"), "\(program.stderr.text)")
  }
}
