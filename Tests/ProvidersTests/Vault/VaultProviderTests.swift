import FederationAPI
import Foundation
import JSON
import Providers
import SecretStores
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct VaultProviderTests {
  @Test("values, properties and versions of KV v2, and what is missing")
  func versioned() async throws {
    let world = try await VaultWorld()
    try await world.vault.put("app/db", ["user": "u1", "port": 5432])
    try await world.vault.put("app/db", ["user": "u2", "port": 5432, "n": ["a": ["x"]]])
    let store = try world.store()
    #expect(await store.text("app/db") == .success(#"{"n":{"a":["x"]},"port":5432,"user":"u2"}"#))
    #expect(await store.text("app/db", property: "user") == .success("u2"))
    #expect(await store.text("app/db", property: "n.a.0") == .success("x"))
    #expect(await store.text("app/db", property: "user", version: "1") == .success("u1"))
    #expect(await store.text("secret/app/db", property: "user") == .success("u2"))
    #expect(await store.text("secret/data/app/db", property: "user") == .success("u2"))
    #expect(await store.code("app/db", property: "none") == .notFound)
    #expect(await store.code("app/db", version: "3") == .notFound)
    #expect(await store.code("app/db", version: "01") == .invalidArgument)
    #expect(await store.code("app/none") == .notFound)
    try await world.vault.send("DELETE", "/v1/secret/data/app/db")
    #expect(await store.code("app/db") == .notFound)
    #expect(await store.text("app/db", property: "user", version: "1") == .success("u1"))
  }

  @Test(
    "no key leads out of the mount",
    arguments: ["../sys/health", "a/../../sys/health", "./a", "a//b", "/a", "a/", "..", "a/.."])
  func traversal(key: String) async throws {
    let world = try await VaultWorld()
    let store = try world.store()
    #expect(await store.code(key) == .notFound)
    #expect(try await world.vault.send("GET", "/control")["counts"]?.object?.isEmpty == true)
  }

  @Test("a check reads in the engine: what is wrong with it is told, and a key that is not there is nothing wrong")
  func check() async throws {
    let world = try await VaultWorld()
    #expect(try await world.store().check().get() == BackendProof("Vault lets it read below `secret`"))
    #expect(try await world.store(more: "path: kv1\nversion: v1").check().get().doubt == nil)
    let faults = [
      "path: secrt": "no secrets engine that serves secrt/data/ese-federation-check;",
      "path: secret\nversion: v1": "is KV version 2; write `version: v2`",
    ]
    for (more, words) in faults {
      let answer = await (try world.store(more: more)).check()
      guard case .failure(.misconfigured(let reason)) = answer else {
        Issue.record("\(more): \(answer)")
        continue
      }
      #expect(reason.contains(words))
    }
    // The stand-in lets nobody but root read there.
    let role = "{appRole: {roleId: role-id, secretRef: {name: vault, key: id}}}"
    let narrow = try world.store(auth: role, more: "path: denied", secrets: ["id": "secret-id"])
    #expect(
      try await narrow.check().get().doubt?.hasPrefix("it may not read `denied/data/ese-federation-check`") == true)
    let stranger = try world.store(more: "path: denied", secrets: ["token": "wrong"])
    #expect(await stranger.check() == .failure(.denied(reason: "Vault answered 403")))
  }

  @Test("binary, large and unusual values and keys come as they are")
  func values() async throws {
    let world = try await VaultWorld()
    let store = try world.store()
    let large = String(repeating: "0123456789abcdef", count: 4_096)
    try await world.vault.put("large", ["v": .string(large)])
    #expect(await store.text("large", property: "v") == .success(large))
    let unicode = "schlüssel / 鍵 🔑 \u{1}\u{7f}\"\\"
    try await world.vault.put("ä b%2F?#/鍵", ["v": .string(unicode)])
    #expect(await store.text("ä b%2F?#/鍵", property: "v") == .success(unicode))
    let binary = Data([0, 255, 128, 10, 13]).base64EncodedString()
    try await world.vault.put("binary", ["v": .string(binary)])
    #expect(await store.text("binary", property: "v") == .success(binary))
  }

  @Test("a secret that is removed with its metadata and written anew is another, although its version is the same")
  func writtenAnew() async throws {
    let world = try await VaultWorld()
    let store = try world.store()
    try await world.vault.put("db", ["v": "old"])
    #expect(await store.text("db", property: "v") == .success("old"))
    try await world.vault.send("DELETE", "/v1/secret/metadata/db")
    try await world.vault.put("db", ["v": "new"])
    #expect(await store.text("db", property: "v") == .success("new"))
  }

  @Test("KV v1 has values and no versions")
  func unversioned() async throws {
    let world = try await VaultWorld()
    try await world.vault.putUnversioned("db", ["password": "p"])
    let store = try world.store(more: "path: kv1\nversion: v1")
    #expect(await store.text("db") == .success(#"{"password":"p"}"#))
    #expect(await store.text("db", property: "password") == .success("p"))
    #expect(await store.code("db", version: "1") == .invalidArgument)
    #expect(await store.code("none") == .notFound)
  }

  @Test("a namespace's secrets are its own")
  func namespaces() async throws {
    let world = try await VaultWorld()
    try await world.vault.put("db", ["v": "root"])
    let store = try world.store(more: "path: secret\nnamespace: team")
    #expect(await store.code("db") == .notFound)
    #expect(await (try world.store()).text("db", property: "v") == .success("root"))
  }

  @Test("every key is listed, folder by folder")
  func list() async throws {
    let world = try await VaultWorld()
    let store = try world.store()
    #expect(try await store.list("vault").result().get().isEmpty)
    for key in ["a", "b/c", "b/d/e f", "b/d/鍵"] { try await world.vault.put(key, ["v": "x"]) }
    let keys = try await store.list("vault").result().get().map(\.key).sorted()
    #expect(keys == ["a", "b/c", "b/d/e f", "b/d/鍵"])
  }

  @Test("keys are found by all of their custom metadata, those below a path alone being asked about")
  func tags() async throws {
    let world = try await VaultWorld()
    for (key, metadata): (String, JSONValue?) in [
      ("a", ["team": "x", "env": "prod"]), ("b/c", ["team": "x"]), ("b/d", ["team": "x", "env": "production"]),
      ("b/e", ["team": "x", "env": "prod", "more": "1"]), ("f", nil), ("denied/g", ["team": "y"]),
    ] {
      try await world.vault.put(key, ["v": "x"])
      if let metadata { try await world.vault.tag(key, metadata) }
    }
    let store = try world.store()
    func found(_ tags: [String: String], below prefix: String = "") async -> Result<Set<String>, RPCError> {
      let filter = TagFilter(tags.map { SecretTag(key: $0, value: $1) }, prefix: prefix)
      return await store.list("vault", filter).result().map { Set($0.map(\.key)) }
    }
    #expect(await found(["team": "x", "env": "prod"]) == .success(["a", "b/e"]))
    #expect(await found(["team": "x"]) == .success(["a", "b/c", "b/d", "b/e"]))
    #expect(await found(["team": "x", "none": "1"]) == .success([]))
    #expect(await found(["team": "X"]) == .success([]))
    let before = try await world.vault.count("GET secret/metadata/a")
    #expect(await found(["env": "prod"], below: "b/") == .success(["b/e"]))
    #expect(try await world.vault.count("GET secret/metadata/a") == before)
    #expect(try await world.vault.count("GET secret/metadata/b/e") == 5)

    // One that the login may not see fails the whole: what it has is not known.
    let login = try world.store(
      auth: "{appRole: {roleId: role-id, secretRef: {name: vault, key: id}}}", secrets: ["id": "secret-id"])
    let refused = await login.list("vault", TagFilter([SecretTag(key: "team", value: "x")])).result()
    let refusal = "store \"vault\" is refused by its backend; ask the server's operator"
    #expect(throws: RPCError(.failedPrecondition, refusal)) { try refused.get() }
    #expect(world.log.contains { $0.contains("store_not_listed") && $0.contains("metadata of `denied/g`") })
    #expect(try world.store(more: "path: kv1\nversion: v1").hasTags == false)
  }

  @Test("more keys than Vault is asked about at once are found")
  func manyTags() async throws {
    let world = try await VaultWorld()
    for number in 0..<30 {
      try await world.vault.put("k\(number)", ["v": "x"])
      try await world.vault.tag("k\(number)", ["even": number % 2 == 0 ? "yes" : "no"])
    }
    let filter = TagFilter([SecretTag(key: "even", value: "yes")])
    let found = try await world.store().list("vault", filter).result().get().map(\.key)
    #expect(Set(found) == Set(stride(from: 0, to: 30, by: 2).map { "k\($0)" }))
  }

  @Test("a node that is sealed, a standby or overloaded is asked again, and then said to be unavailable")
  func states() async throws {
    let world = try await VaultWorld()
    try await world.vault.put("db", ["v": "1"])
    let store = try world.store()
    try await world.vault.set(["failures": 2, "status": 500])
    #expect(await store.text("db", property: "v") == .success("1"))
    try await world.vault.set(["failures": 1, "status": 429])
    #expect(await store.text("db", property: "v") == .success("1"))
    try await world.vault.set(["sealed": true])
    #expect(await store.code("db") == .unavailable)
    try await world.vault.set(["sealed": false, "standby": true])
    let standby = try world.store()
    #expect(await standby.code("db") == .unavailable)
    #expect(world.log.contains { $0.contains("standby") })
  }

  @Test("a node is shown what was seen before, and one that is behind is asked again")
  func consistency() async throws {
    let world = try await VaultWorld()
    try await world.vault.put("db", ["v": "1"])
    try await world.vault.set(["index": "v1:one"])
    let store = try world.store()
    #expect(await store.text("db", property: "v") == .success("1"))
    try await world.vault.set(["index": "v1:two"])
    // The stand-in answers 412 while it is shown another index than its own, and its own with it.
    #expect(await store.text("db", property: "v") == .success("1"))
  }

  @Test("hvac, Vault's own client, finds the stand-in to be a Vault")
  func standIn() async throws {
    let vault = try await VaultServer()
    let certificate = try vault.authority.issue(usage: "clientAuth", label: "client")
    let ca = try vault.authority.directory.write(vault.authority.certificatePEM, to: "ca.pem")
    let cases = try await PythonPeer.run(
      "Tests/VaultServer/client.py", [vault.url, ca, certificate.certificateFile, certificate.keyFile])
    #expect(cases.count == 29)
    #expect(cases.filter { $0["ok"] != true }.isEmpty)
  }
}
