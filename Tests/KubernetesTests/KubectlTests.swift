import JSON
import Kubernetes
import TestSupport
import Testing

/// The stand-in is held to what the real kubectl asks of an API server.
@Suite(.timeLimit(.minutes(5))) struct KubectlTests {
  private static let manifest = """
    apiVersion: v1
    kind: Secret
    metadata: {name: db, labels: {app: web}}
    stringData: {user: root}
    ---
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata: {name: es}
    spec: {refreshInterval: 1h}

    """

  private func said(_ server: KubernetesAPIServer, _ arguments: [String], input: String = "") async throws -> String {
    let program = try server.startKubectl(arguments, input: input)
    let exit = await program.wait()
    #expect(exit == .status(0), "kubectl \(arguments.joined(separator: " ")): \(program.stderr.text)")
    return program.stdout.text
  }

  @Test("apply creates, then changes nothing, then changes what differs")
  func apply() async throws {
    let server = try await KubernetesAPIServer()
    let apply = ["apply", "-f", "-"]
    #expect(
      try await said(server, apply, input: Self.manifest)
        == "secret/db created\nexternalsecret.external-secrets.io/es created\n")
    let changed = Self.manifest.replacing("1h", with: "2h")
    #expect(
      try await said(server, apply, input: changed).hasSuffix("externalsecret.external-secrets.io/es configured\n"))
    #expect(
      try await said(server, apply, input: changed).hasSuffix("externalsecret.external-secrets.io/es unchanged\n"))
    let path = "jsonpath={.spec.refreshInterval} {.metadata.generation}"
    #expect(try await said(server, ["get", "externalsecret", "es", "-o", path]) == "2h 2")
  }

  @Test("server-side apply finds the other manager's fields, and takes them by force")
  func serverSideApply() async throws {
    let server = try await KubernetesAPIServer()
    let apply = ["apply", "--server-side", "-f", "-"]
    _ = try await said(server, apply, input: Self.manifest)
    _ = try await said(
      server, ["patch", "externalsecret", "es", "--type=merge", "-p", #"{"spec":{"refreshInterval":"5h"}}"#])
    let program = try server.startKubectl(apply, input: Self.manifest)
    #expect(await program.wait() == .status(1))
    #expect(program.stderr.text.contains("conflict"))
    _ = try await said(server, apply + ["--force-conflicts"], input: Self.manifest)
    let path = "jsonpath={.spec.refreshInterval}"
    #expect(try await said(server, ["get", "externalsecret", "es", "-o", path]) == "1h")
  }

  @Test("get prints a table, or the object")
  func get() async throws {
    let server = try await KubernetesAPIServer()
    _ = try await said(server, ["apply", "-f", "-"], input: Self.manifest)
    let table = try await said(server, ["get", "secrets"]).split(separator: "\n").map { $0.split(separator: " ") }
    #expect(table.first?.map(String.init) == ["NAME", "TYPE", "DATA", "AGE"])
    #expect(table.last?.dropLast().map(String.init) == ["db", "Opaque", "1"])
    let yaml = try await said(server, ["get", "secret", "db", "-o", "yaml"])
    #expect(yaml.contains("kind: Secret\n") && yaml.contains("  user: cm9vdA==\n") && yaml.contains("    app: web\n"))
    #expect(try await said(server, ["get", "secrets", "-l", "app!=web", "-o", "name"]) == "")
  }

  @Test("get -w shows each change as it happens")
  func watch() async throws {
    let server = try await KubernetesAPIServer()
    let client = try server.client()
    let watch = try server.startKubectl(["get", "secrets", "-w", "--output-watch-events"])
    while try await server.requests(for: "secrets").last?.verb != "watch" {
      try await Task.sleep(for: .milliseconds(50))
    }
    _ = try await client.create(KubernetesObject(.secrets, namespace: "default", name: "a"), of: .secrets)
    _ = try await client.patch(.secrets, namespace: "default", name: "a", mergePatch: ["data": ["k": "dg=="]])
    try await client.delete(.secrets, namespace: "default", name: "a")
    _ = try await watch.stdout.waitForLine(prefix: "DELETED")
    let lines = watch.stdout.text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(lines.map { $0[0] + " " + $0[1] } == ["EVENT NAME", "ADDED a", "MODIFIED a", "DELETED a"])
    watch.signal(15)
    _ = await watch.wait()
  }

  @Test(
    "patch in each of its forms",
    arguments: [
      ("merge", #"{"data":{"user":null,"pw":"eA=="}}"#),
      ("strategic", #"{"stringData":{"pw":"x"},"data":{"user":null}}"#),
      ("json", #"[{"op":"remove","path":"/data/user"},{"op":"add","path":"/data/pw","value":"eA=="}]"#),
    ])
  func patch(type: String, patch: String) async throws {
    let server = try await KubernetesAPIServer()
    _ = try await said(server, ["apply", "-f", "-"], input: Self.manifest)
    _ = try await said(server, ["patch", "secret", "db", "--type=\(type)", "-p", patch])
    #expect(try await said(server, ["get", "secret", "db", "-o", "jsonpath={.data}"]) == #"{"pw":"eA=="}"#)
  }

  @Test("create and delete, of Secrets, ConfigMaps, accounts and namespaces with what is in them")
  func createAndDelete() async throws {
    let server = try await KubernetesAPIServer()
    let client = try server.client()
    #expect(try await said(server, ["create", "namespace", "apps"]) == "namespace/apps created\n")
    for arguments in [
      ["secret", "generic", "one", "--from-literal=key=value"], ["configmap", "one", "--from-literal=key=value"],
      ["serviceaccount", "one"],
    ] { _ = try await said(server, ["create", "-n", "apps"] + arguments) }
    let secret = try await client.get(.secrets, namespace: "apps", name: "one")
    #expect(secret["data"] == ["key": "dmFsdWU="] && secret["type"] == "Opaque")
    #expect(try await said(server, ["delete", "-n", "apps", "secret", "one"]).hasPrefix("secret \"one\" deleted"))
    _ = try await said(server, ["delete", "namespace", "apps"])
    #expect(try await client.page(of: .configMaps).objects.isEmpty)
  }

  @Test("an object with a finalizer stays until the finalizer goes")
  func finalizer() async throws {
    let server = try await KubernetesAPIServer()
    let client = try server.client()
    var object = KubernetesObject(.configMaps, namespace: "default", name: "held")
    object.setMetadata("finalizers", ["example.org/hold"])
    _ = try await client.create(object, of: .configMaps)
    _ = try await said(server, ["delete", "configmap", "held", "--wait=false"])
    #expect(try await client.get(.configMaps, namespace: "default", name: "held").deletionTimestamp != nil)
    _ = try await said(
      server, ["patch", "configmap", "held", "--type=merge", "-p", #"{"metadata":{"finalizers":null}}"#])
    #expect(try await client.page(of: .configMaps).objects.isEmpty)
  }

  @Test("a CustomResourceDefinition brings a kind whose schema fills in, takes out and refuses")
  func customResources() async throws {
    let server = try await KubernetesAPIServer()
    _ = try await said(
      server, ["apply", "-f", "-"],
      input: """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: things.example.org}
        spec:
          group: example.org
          scope: Namespaced
          names: {plural: things, singular: thing, kind: Thing}
          versions:
            - name: v1
              served: true
              storage: true
              schema:
                openAPIV3Schema:
                  type: object
                  properties:
                    spec:
                      type: object
                      required: [url]
                      properties:
                        url: {type: string, pattern: "^https://"}
                        mode: {type: string, enum: [a, b], default: a}

        """)
    func thing(_ spec: String) -> String {
      "apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: one}\nspec: \(spec)\n"
    }
    _ = try await said(server, ["apply", "-f", "-"], input: thing("{url: \"https://x\"}"))
    #expect(try await said(server, ["get", "thing", "one", "-o", "jsonpath={.spec.mode}"]) == "a")
    for (spec, reason) in [
      ("{url: ftp}", "spec.url"), ("{}", "Required value"), ("{url: \"https://x\", odd: 1}", "spec.odd"),
    ] {
      let refused = try server.startKubectl(["apply", "--validate=strict", "-f", "-"], input: thing(spec))
      #expect(await refused.wait() == .status(1))
      #expect(refused.stderr.text.contains(reason), "\(refused.stderr.text)")
    }
  }
}
