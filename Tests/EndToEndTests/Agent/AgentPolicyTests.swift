import Foundation
import Glibc
import TestSupport
import Testing

/// What becomes of targets, by creation, deletion and refresh policy.
@Suite(.timeLimit(.minutes(5))) struct AgentPolicyTests {
  private static let password = "data: [{secretKey: password, remoteRef: {key: password}}]"

  private func world(_ target: String, more: String = "") async throws -> AgentWorld {
    let world = try await AgentWorld([("password", "one"), ("other", "x")])
    try world.write(AgentWorld.externalSecret("database", "target: {\(target)}\n\(more)" + Self.password), "database")
    return world
  }

  private func once(_ world: AgentWorld, _ exit: ChildProgram.Exit = .status(0)) async throws {
    let result = try await world.once()
    #expect(result.exit == exit, "\(result.log)")
  }

  @Test("Owner: the Secret goes with its ExternalSecret; Orphan: it stays", arguments: ["Owner", "Orphan"])
  func creation(policy: String) async throws {
    let world = try await world("creationPolicy: \(policy)")
    try await once(world)
    #expect(world.secret("database") == ["password": "one"])
    try world.remove("database")
    try await once(world)
    #expect(world.secret("database") == (policy == "Owner" ? nil : ["password": "one"]))
    #expect(world.ready("database") == nil)
    await world.stop()
  }

  @Test("Owner: what another ExternalSecret owns is refused, what nobody owns is taken")
  func ownership() async throws {
    let world = try await world("name: shared")
    try await once(world)
    try world.write(AgentWorld.externalSecret("second", "target: {name: shared}\n" + Self.password), "second")
    try await once(world, .status(1))
    #expect(world.ready("second")?.message == "target is owned by another ExternalSecret: database")
    #expect(world.ready("database")?.reason == "SecretSynced")
    try world.remove("database")
    try await once(world)
    #expect(world.ready("second")?.reason == "SecretSynced")
    #expect(world.secret("shared") == ["password": "one"])
    await world.stop()
  }

  @Test("Owner: a renamed target leaves nothing under its old name")
  func renamed() async throws {
    let world = try await world("name: before")
    try await once(world)
    try world.write(AgentWorld.externalSecret("database", "target: {name: after}\n" + Self.password), "database")
    try await once(world)
    #expect(world.secret("before") == nil)
    #expect(world.secret("after") == ["password": "one"])
    await world.stop()
  }

  @Test("Merge: keys go into a Secret that is there, and out of it again; none is made")
  func merge() async throws {
    let world = try await world("creationPolicy: Merge, name: shared")
    try await once(world)
    #expect(world.secret("shared") == nil)
    #expect(world.ready("database")?.reason == "SecretMissing")
    try world.directory.write(
      "apiVersion: v1\nkind: Secret\nmetadata: {name: shared, namespace: demo}\nstringData: {mine: kept}\n",
      to: "out/demo/shared.yaml")
    try await once(world)
    #expect(world.secret("shared") == ["mine": "kept", "password": "one"])
    try world.write(
      AgentWorld.externalSecret(
        "database",
        "target: {creationPolicy: Merge, name: shared}\ndata: [{secretKey: renamed, remoteRef: {key: password}}]"),
      "database")
    try await once(world)
    #expect(world.secret("shared") == ["mine": "kept", "renamed": "one"])
    await world.stop()
  }

  @Test("None: values are fetched and nothing is written")
  func none() async throws {
    let world = try await world("creationPolicy: None")
    try await once(world)
    #expect(world.secret("database") == nil)
    #expect(world.ready("database")?.reason == "SecretSynced")
    await world.stop()
  }

  @Test("immutable: a change of the values is refused and said")
  func immutable() async throws {
    let world = try await world("immutable: true")
    try await once(world)
    #expect(try world.text("database").contains("immutable: true"))
    try world.put("two", "password")
    try await once(world, .status(1))
    #expect(world.secret("database") == ["password": "one"])
    #expect(world.ready("database")?.message.hasPrefix("could not update secret, target is immutable") == true)
    await world.stop()
  }

  @Test(
    "what the store has no more: Retain is an error, Delete deletes, Merge takes the keys away",
    arguments: ["Retain", "Delete", "Merge"])
  func deletion(policy: String) async throws {
    let world = try await world("deletionPolicy: \(policy)")
    try await once(world)
    try world.put(nil, "password")
    try await once(world, policy == "Retain" ? .status(1) : .status(0))
    switch policy {
    case "Retain":
      #expect(world.secret("database") == ["password": "one"])
      #expect(world.ready("database")?.reason == "SecretSyncedError")
    case "Delete":
      #expect(world.secret("database") == nil)
      #expect(world.ready("database")?.reason == "SecretDeleted")
    default:
      #expect(world.secret("database") == [:])
      #expect(world.ready("database")?.reason == "SecretSynced")
    }
    try world.put("back", "password")
    try await once(world)
    #expect(world.secret("database") == ["password": "back"])
    await world.stop()
  }

  @Test("Delete: as long as one value is there, the others are left out")
  func partly() async throws {
    let world = try await world("deletionPolicy: Delete", more: "dataFrom: [{extract: {key: gone}}]\n")
    try await once(world)
    #expect(world.secret("database") == ["password": "one"])
    await world.stop()
  }

  @Test(
    "refresh policies: what was fetched once is not fetched again, across restarts",
    arguments: ["refreshPolicy: CreatedOnce", "refreshInterval: \"0\"", "refreshPolicy: OnChange"])
  func refresh(policy: String) async throws {
    let world = try await world("name: login", more: policy + "\n")
    try await once(world)
    try world.put("two", "password")
    try await once(world)
    #expect(world.secret("login") == ["password": "one"])
    // A changed ExternalSecret is fetched for OnChange alone.
    try world.write(
      AgentWorld.externalSecret(
        "database", "target: {name: login}\n\(policy)\n" + Self.password, metadata: "labels: {a: b}"),
      "database")
    try await once(world)
    #expect(world.secret("login") == ["password": policy.hasSuffix("OnChange") ? "two" : "one"])
    // What is gone is made again by all.
    try FileManager.default.removeItem(atPath: world.path("login"))
    try await once(world)
    #expect(world.secret("login") == ["password": "two"])
    await world.stop()
  }
}
