import FederationAPI
import Foundation
import JSON
import Kubernetes
import TestSupport

/// A Kubernetes API with a federation server, the FederationStore `remote`, and the token that it needs.
final class AgentCluster: Sendable {
  static let externalSecrets = ResourceType(
    group: "external-secrets.io", version: "v1", plural: "externalsecrets", kind: "ExternalSecret")

  let world: AgentWorld
  let api: KubernetesAPIServer
  let client: KubernetesClient

  /// Starts both.
  init(_ secrets: [(key: String, value: String)]) async throws {
    world = try await AgentWorld(secrets)
    api = try await KubernetesAPIServer()
    client = try api.client()
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
    let definition = root.appendingPathComponent("deploy/kubernetes/ese-agent/crd.yaml").path
    try await apply(String(contentsOfFile: definition, encoding: .utf8))
    try await apply(inDefault(world.storeManifest()))
  }

  /// Applies manifests with kubectl.
  func apply(_ manifests: String) async throws {
    let result = try await api.kubectl("apply", "-f", "-", input: manifests)
    guard result.exit == .status(0) else { throw TestSupportError("kubectl apply: \(result.errors)") }
  }

  /// The namespace that the API has.
  func inDefault(_ manifest: String) -> String { manifest.replacing("namespace: demo", with: "namespace: default") }

  /// Creates an ExternalSecret.
  func create(
    _ name: String, _ data: JSONValue, target: JSONValue = [:], interval: String = "1h",
    more: [JSONName: JSONValue] = [:]
  ) async throws {
    var spec: [JSONName: JSONValue] = [
      "refreshInterval": .string(interval), "secretStoreRef": ["kind": "FederationStore", "name": "remote"],
      "target": target, "data": data,
    ]
    spec.merge(more) { $1 }
    _ = try await client.create(
      KubernetesObject(Self.externalSecrets, namespace: "default", name: name, fields: ["spec": .object(spec)]),
      of: Self.externalSecrets)
  }

  /// One item of `data`: the store's `key` under the same name, or under another.
  static func item(_ key: String, as name: String? = nil) -> JSONValue {
    ["secretKey": .string(name ?? key), "remoteRef": ["key": .string(key)]]
  }

  /// Starts an agent of the cluster.
  func agent(_ arguments: [String] = []) throws -> ChildProgram {
    try ChildProgram(
      product: "ese-agent", arguments: ["--kubernetes", "--kubeconfig", api.kubeconfigFile] + arguments)
  }

  /// Starts an agent and waits until it has tried everything.
  func readyAgent(_ arguments: [String] = []) async throws -> ChildProgram {
    let agent = try agent(arguments)
    _ = try await agent.stdout.waitForLine(prefix: "ready", timeoutSeconds: 60)
    return agent
  }

  func secret(_ name: String) async throws -> KubernetesObject? {
    do throws(KubernetesError) {
      return try await client.get(.secrets, namespace: "default", name: name)
    } catch {
      guard error.kind == .notFound else { throw error }
      return nil
    }
  }

  /// The values of a Secret; nil when there is none.
  func values(_ name: String) async throws -> [String: String]? {
    try await secret(name).map { Self.values($0) }
  }

  static func values(_ secret: KubernetesObject) -> [String: String] {
    (secret["data"]?.strings ?? [:]).mapValues { text in
      Data(base64Encoded: text).map { String(decoding: $0, as: UTF8.self) } ?? "(no base64)"
    }
  }

  /// The condition `Ready` as `status reason: message`.
  func ready(_ name: String) async throws -> String {
    let object = try await client.get(Self.externalSecrets, namespace: "default", name: name)
    guard let condition = object["status"]?["conditions"]?.array?.first else { return "" }
    return [condition["status"], condition["reason"], condition["message"]].compactMap { $0?.string }
      .joined(separator: " ")
  }

  /// Waits until `condition` holds, looking again whenever a while has passed.
  func wait(_ what: String, timeoutSeconds: Double = 30, until condition: () async throws -> Bool) async throws {
    let deadline = MonotonicTime.now.advanced(bySeconds: timeoutSeconds)
    while try await !condition() {
      guard MonotonicTime.now < deadline else { throw TestSupportError("not within \(timeoutSeconds) s: \(what)") }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  func stop() async throws {
    try await api.stop()
    await world.stop()
  }

  /// Ends an agent in order.
  func end(_ agent: ChildProgram) async -> ChildProgram.Exit {
    agent.signal(SIGTERM)
    return await agent.wait()
  }
}
