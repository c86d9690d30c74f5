import FederationAPI
import Foundation
import JSON
import Kubernetes
import Reconciler
import Resources
import TestSupport
import Testing

/// `ese-agent --kubernetes` against the API stand-in and a real federation server.
@Suite(.timeLimit(.minutes(5))) struct AgentClusterTests {
  @Test("no Secret is made for an ExternalSecret that is gone, or that is another by now")
  func ownerIsGone() async throws {
    let cluster = try await AgentCluster([("password", "one")])
    let target = KubernetesTarget(cluster.client)
    try await cluster.create("database", [])
    let owner = try await cluster.client.get(AgentCluster.externalSecrets, namespace: "default", name: "database")
    let name = ResourceName(namespace: "default", name: "login")
    let secret = TargetSecret(name: name, owner: SecretOwner(name: "database", uid: owner.uid))
    await #expect(throws: RPCError.self) {
      try await target.write(TargetSecret(name: name, owner: SecretOwner(name: "database", uid: "another")))
    }
    try await cluster.client.delete(AgentCluster.externalSecrets, namespace: "default", name: "database")
    await #expect(throws: RPCError.self) { try await target.write(secret) }
    #expect(try await target.secret(name) == nil)
    try await cluster.create("database", [])
    let again = try await cluster.client.get(AgentCluster.externalSecrets, namespace: "default", name: "database")
    try await target.write(TargetSecret(name: name, owner: SecretOwner(name: "database", uid: again.uid)))
    #expect(try await target.secret(name)?.owner?.uid == again.uid)
    try await cluster.stop()
  }

  @Test("an ExternalSecret becomes a Secret that it owns, with status and an event; changes follow")
  func lifecycle() async throws {
    let cluster = try await AgentCluster([("password", "one")])
    try await cluster.create("database", [AgentCluster.item("password")], target: ["name": "login"])
    let agent = try await cluster.readyAgent()
    let secret = try #require(try await cluster.secret("login"))
    #expect(AgentCluster.values(secret) == ["password": "one"])
    let owner = try await cluster.client.get(AgentCluster.externalSecrets, namespace: "default", name: "database")
    #expect(
      secret.ownerReferences == [
        OwnerReference(apiVersion: "external-secrets.io/v1", kind: "ExternalSecret", name: "database", uid: owner.uid)
      ])
    #expect(secret.labels["reconcile.external-secrets.io/managed"] == "true")
    #expect(owner["status"]?["binding"]?["name"] == "login")
    #expect(owner["status"]?["refreshTime"]?.string?.hasSuffix("Z") == true)
    #expect(try await cluster.ready("database") == "True SecretSynced secret synced")
    try await cluster.wait("the event") {
      try await cluster.api.kubectl("get", "events", "-o", "name").output.contains("database.")
    }

    // kubectl's way to have it synced again.
    try cluster.world.put("two", "password")
    #expect(
      try await cluster.api.kubectl("annotate", "externalsecret", "database", "force-sync=1").exit == .status(0))
    try await cluster.wait("the new value") { try await cluster.values("login") == ["password": "two"] }
    // What somebody else does to a managed Secret is put right at once.
    try await cluster.client.delete(.secrets, namespace: "default", name: "login")
    try await cluster.wait("the Secret is back") { try await cluster.values("login") == ["password": "two"] }
    _ = try await cluster.client.patch(
      .secrets, namespace: "default", name: "login", mergePatch: ["data": ["password": "eA==", "more": "eA=="]])
    try await cluster.wait("the Secret is put right") { try await cluster.values("login") == ["password": "two"] }
    // A target under another name leaves nothing behind.
    _ = try await cluster.client.patch(
      AgentCluster.externalSecrets, namespace: "default", name: "database",
      mergePatch: ["spec": ["target": ["name": "renamed"]]])
    try await cluster.wait("the renamed one") { try await cluster.values("renamed") == ["password": "two"] }
    try await cluster.wait("the former is gone") { try await cluster.secret("login") == nil }
    #expect(await cluster.end(agent) == .status(0))
    #expect(!agent.stderr.text.contains("\"two\""))
    try await cluster.stop()
  }

  @Test("what cannot be read, or has no store, says so and is mended by a change")
  func faults() async throws {
    let cluster = try await AgentCluster([("password", "one")])
    try await cluster.create("typo", [AgentCluster.item("password")], more: ["refreshPolcy": "Periodic"])
    try await cluster.create(
      "lost", [AgentCluster.item("password")], more: ["secretStoreRef": ["kind": "FederationStore", "name": "none"]])
    try await cluster.create(
      "foreign", [AgentCluster.item("password")], more: ["secretStoreRef": ["kind": "SecretStore", "name": "x"]])
    let agent = try await cluster.readyAgent()
    #expect(
      try await cluster.ready("typo")
        == "False SecretSyncedError the ExternalSecret cannot be read: unknown field `spec.refreshPolcy`; did you mean `refreshPolicy`?"
    )
    #expect(try await cluster.ready("lost").hasSuffix("there is no FederationStore \"default/none\""))
    // Another operator's.
    #expect(try await cluster.ready("foreign") == "")
    #expect(try await cluster.secret("foreign") == nil)
    try await cluster.apply(
      cluster.inDefault(cluster.world.storeManifest()).replacing("{name: remote,", with: "{name: none,"))
    try await cluster.wait("the store is found") { try await cluster.values("lost") == ["password": "one"] }
    #expect(await cluster.end(agent) == .status(0))
    try await cluster.stop()
  }

  @Test("Secrets of others: a merge adds its keys, another's owner is respected")
  func others() async throws {
    let cluster = try await AgentCluster([("password", "one")])
    _ = try await cluster.client.create(
      KubernetesObject(.secrets, namespace: "default", name: "shared", fields: ["data": ["mine": "eA=="]]), of: .secrets
    )
    let deployment = OwnerReference(apiVersion: "apps/v1", kind: "Deployment", name: "d", uid: "1")
    _ = try await cluster.client.create(
      KubernetesObject(.secrets, namespace: "default", name: "taken", owners: [deployment]), of: .secrets)
    try await cluster.create(
      "merge", [AgentCluster.item("password")], target: ["name": "shared", "creationPolicy": "Merge"])
    try await cluster.create("second", [AgentCluster.item("password")], target: ["name": "taken"])
    try await cluster.create("first", [AgentCluster.item("password")], target: ["name": "own", "immutable": true])
    let agent = try await cluster.readyAgent()
    #expect(try await cluster.values("shared") == ["mine": "x", "password": "one"])
    #expect(
      try await cluster.ready("second")
        == "False SecretSyncedError failed to take ownership of target secret: Deployment d controls it already")
    #expect(try await cluster.secret("taken")?.ownerReferences == [deployment])
    try await cluster.create("third", [AgentCluster.item("password")], target: ["name": "own"])
    try await cluster.wait("the owner is named") {
      try await cluster.ready("third").hasSuffix("target is owned by another ExternalSecret: first")
    }
    try cluster.world.put("two", "password")
    #expect(try await cluster.api.kubectl("annotate", "externalsecret", "first", "force-sync=1").exit == .status(0))
    try await cluster.wait("immutable is respected") {
      try await cluster.ready("first").contains("could not update secret, target is immutable")
    }
    #expect(try await cluster.values("own") == ["password": "one"])
    #expect(await cluster.end(agent) == .status(0))
    try await cluster.stop()
  }

  @Test("a service account's token is asked for, and the federation server takes it")
  func serviceAccount() async throws {
    let cluster = try await AgentCluster([("password", "one")])
    _ = try await cluster.client.create(
      KubernetesObject(.serviceAccounts, namespace: "default", name: "reader"), of: .serviceAccounts)
    let token = try await cluster.client.requestToken(
      namespace: "default", serviceAccount: "reader", audiences: ["federation"], expirationSeconds: 600)
    let issuer = try #require(Self.issuer(token.token.text ?? ""))
    let bundle = Data(cluster.api.authority.certificatePEM).base64EncodedString()
    try cluster.world.directory.write(
      ManifestText.federation("real", cluster.api.url, "  caBundle: \(bundle)\n  audiences: [federation]\n")
        + "---\n"
        + ManifestText.authorization("reader", "real", issuer: issuer, account: "reader", stores: ["app"])
        .replacing("system:serviceaccount:apps:", with: "system:serviceaccount:default:"),
      to: "server/real.yaml")
    try cluster.world.server.reload()
    try await cluster.apply(
      cluster.inDefault(cluster.world.storeManifest()).replacing(
        "auth: {tokenSecretRef: {name: agent, key: token}}",
        with: "auth: {kubernetes: {serviceAccountRef: {name: reader, audiences: [federation]}}}"
      ).replacing("{name: remote,", with: "{name: account,"))
    try await cluster.create(
      "database", [AgentCluster.item("password")],
      more: ["secretStoreRef": ["kind": "FederationStore", "name": "account"]])
    let agent = try await cluster.readyAgent()
    #expect(try await cluster.ready("database") == "True SecretSynced secret synced")
    #expect(try await cluster.values("database") == ["password": "one"])
    #expect(!agent.stderr.text.contains("object_warning"))
    try await cluster.apply(
      cluster.inDefault(cluster.world.storeManifest()).replacing(
        "auth: {tokenSecretRef: {name: agent, key: token}}",
        with: "auth: {kubernetes: {serviceAccountRef: {name: reader}}}"
      ).replacing("{name: remote,", with: "{name: bare,"))
    try await cluster.wait("its token is warned of") {
      agent.stderr.text.contains(#""event":"object_warning","object":"FederationStore/default/bare""#)
    }
    #expect(await cluster.end(agent) == .status(0))
    try await cluster.stop()
  }

  @Test("a store gets neither the agent's files, nor its own token but for servers that its operator named")
  func boundary() async throws {
    let cluster = try await AgentCluster([("password", "one")])
    let file = try cluster.world.directory.write("not a token", to: "file")
    let auths = ["file": "{kubernetes: {tokenFile: \(file)}}", "own": "{kubernetes: {}}"]
    for (name, auth) in auths {
      try await cluster.apply(
        cluster.inDefault(cluster.world.storeManifest())
          .replacing("auth: {tokenSecretRef: {name: agent, key: token}}", with: "auth: \(auth)")
          .replacing("{name: remote,", with: "{name: \(name),"))
      try await cluster.create(
        name, [AgentCluster.item("password")],
        more: ["secretStoreRef": ["kind": "FederationStore", "name": .string(name)]])
    }
    let agent = try await cluster.readyAgent()
    #expect(
      try await cluster.ready("file").contains("`spec.auth.kubernetes.tokenFile` names a file of the agent's"))
    let refusal = try await cluster.ready("own")
    #expect(refusal.contains("own identity, which it does not show to"))
    #expect(await cluster.end(agent) == .status(0))

    // It looks for its token where it is allowed: here that is no pod's.
    let url = try #require(refusal.split(separator: " ").last)
    let allowed = try await cluster.readyAgent([
      "--own-identity-server", "https://other.example", "--own-identity-server", String(url),
    ])
    try await cluster.wait("it may") {
      try await cluster.ready("own").contains("/var/run/secrets/kubernetes.io/serviceaccount/token")
    }
    #expect(
      try await cluster.ready("file").contains("`spec.auth.kubernetes.tokenFile` names a file of the agent's"))
    #expect(await cluster.end(allowed) == .status(0))
    try await cluster.stop()
  }

  private static func issuer(_ token: String) -> String? {
    var payload = String(token.split(separator: ".").dropFirst().first ?? "").replacing("-", with: "+")
      .replacing("_", with: "/")
    while payload.utf8.count % 4 != 0 { payload += "=" }
    return Data(base64Encoded: payload).flatMap { try? JSONValue.parse(Array($0)) }?["iss"]?.string
  }
}
