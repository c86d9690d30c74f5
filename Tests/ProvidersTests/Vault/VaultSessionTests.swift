import FederationAPI
import JSON
import Providers
import Resources
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct VaultSessionTests {
  struct Method: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let auth: String
    let good: [String: String]
    let bad: [String: String]
    let login: String
  }

  private static let methods = [
    Method(
      testDescription: "appRole", auth: "{appRole: {roleId: role-id, secretRef: {name: vault, key: s}}}",
      good: ["s": "secret-id"], bad: ["s": "wrong-id"], login: "approle"),
    Method(
      testDescription: "appRole whose ID is a secret, too",
      auth: "{appRole: {roleRef: {name: vault, key: r}, secretRef: {name: vault, key: s}}}",
      good: ["r": "role-id", "s": "secret-id"], bad: ["r": "wrong-role", "s": "secret-id"], login: "approle"),
    Method(
      testDescription: "kubernetes", auth: "{kubernetes: {role: federation, secretRef: {name: vault}}}",
      good: ["token": "good-jwt"], bad: ["token": "bad"], login: "kubernetes"),
    Method(
      testDescription: "jwt", auth: "{jwt: {role: federation, secretRef: {name: vault, key: j}}}",
      good: ["j": "good-jwt"], bad: ["j": "bad"], login: "jwt"),
    Method(
      testDescription: "userPass", auth: "{userPass: {username: app, secretRef: {name: vault}}}",
      good: ["password": "correct horse"], bad: ["password": "wrong"], login: "userpass"),
  ]

  @Test("each method logs in once for many reads, and wrong credentials are the operator's to mend", arguments: methods)
  func logins(method: Method) async throws {
    let world = try await VaultWorld()
    try await world.vault.put("db", ["v": "1"])
    let store = try world.store(auth: method.auth, secrets: method.good)
    for _ in 0..<3 { #expect(await store.text("db", property: "v") == .success("1")) }
    let path = "POST auth/\(method.login)/login" + (method.login == "userpass" ? "/app" : "")
    #expect(try await world.vault.count(path) == 1)

    let refused = try world.store(auth: method.auth, secrets: method.bad)
    guard case .failure(let error) = await refused.text("db") else {
      Issue.record("wrong credentials were let in")
      return
    }
    #expect(error.code == .failedPrecondition)
    #expect(!error.message.contains("Vault") && !error.message.contains("127.0.0.1"))
    // Remembered: Vault locks out who tries too often.
    #expect(await refused.code("other") == .failedPrecondition)
    #expect(try await world.vault.count(path) == 2)
    #expect(!world.log.contains { line in method.bad.values.contains { line.contains("\"\($0)\"") } })
  }

  @Test("a client certificate logs in")
  func certificate() async throws {
    let world = try await VaultWorld()
    try await world.vault.put("db", ["v": "1"])
    let certificate = try world.vault.authority.issue(usage: "clientAuth", label: "client")
    let store = try world.store(
      auth: "{cert: {clientCert: {file: \(certificate.certificateFile)}, secretRef: {file: \(certificate.keyFile)}}}")
    #expect(await store.text("db", property: "v") == .success("1"))
    let stranger = try TestCertificateAuthority().issue(usage: "clientAuth", label: "client")
    let refused = try world.store(
      auth: "{cert: {clientCert: {file: \(stranger.certificateFile)}, secretRef: {file: \(stranger.keyFile)}}}")
    #expect(await refused.code("db") != nil)
  }

  @Test("a token of the operator's is used as it is, and a new one in its file at once")
  func staticToken() async throws {
    let world = try await VaultWorld()
    try await world.vault.put("db", ["v": "1"])
    let directory = try TemporaryDirectory()
    let file = try directory.write("wrong\n", to: "token")
    let store = try world.store(auth: "{tokenSecretRef: {file: \(file)}}")
    #expect(await store.code("db") == .failedPrecondition)
    try directory.write("\(VaultServer.rootToken)\n", to: "token")
    #expect(await store.text("db", property: "v") == .success("1"))
  }

  @Test("a key that the login may not read is refused without another login")
  func denied() async throws {
    let world = try await VaultWorld()
    try await world.vault.put("denied/db", ["v": "1"])
    let store = try world.store(
      auth: "{appRole: {roleId: role-id, secretRef: {name: vault, key: s}}}", secrets: ["s": "secret-id"])
    for _ in 0..<3 { #expect(await store.code("denied/db") == .failedPrecondition) }
    #expect(try await world.vault.count("POST auth/approle/login") == 1)
  }

  @Test("a token is renewed before its end")
  func renewal() async throws {
    let world = try await VaultWorld()
    try await world.vault.put("db", ["v": "1"])
    try await world.vault.set(["ttl": 6])
    let store = try world.store(
      auth: "{appRole: {roleId: role-id, secretRef: {name: vault, key: s}}}", secrets: ["s": "secret-id"])
    #expect(await store.text("db", property: "v") == .success("1"))
    while try await world.vault.count("POST auth/token/renew-self") < 1 {
      try await Task.sleep(for: .milliseconds(50))
    }
    #expect(await store.text("db", property: "v") == .success("1"))
  }

  @Test("a login, and what was read by it, end with the Secret that it was made from")
  func removedSecret() async throws {
    let world = try await VaultWorld()
    try await world.vault.put("db", ["v": "1"])
    let manifests = try world.manifests(
      auth: "{appRole: {roleId: role-id, secretRef: {name: vault, key: id}}}",
      secrets: ["id": "secret-id", "other": "x"], refresh: "1h", stale: "24h")
    let stores = RemoteStores(client: world.client, log: world.sink)
    func store(_ manifests: Manifests) throws -> RemoteStore { try #require(stores.stores(of: manifests)["vault"]) }
    let first = try store(manifests)
    #expect(await first.text("db", property: "v") == .success("1"))
    // What is not needed may go, and the Secret may change.
    var lesser = manifests
    lesser.secrets[0].values["other"] = nil
    #expect(try store(lesser) === first)
    var withoutKey = manifests
    withoutKey.secrets[0].values["id"] = nil
    var without = manifests
    without.secrets = []
    for removed in [withoutKey, without] {
      let closed = try store(removed)
      #expect(await closed.code("db", property: "v") == .failedPrecondition)
      #expect(
        await closed.check()
          == .failure(.misconfigured(reason: "there is no Secret default/vault with the key id")))
      let again = try store(manifests)
      #expect(again !== closed && stores.store("vault") === again)
      #expect(await again.text("db", property: "v") == .success("1"))
    }
    #expect(try await world.vault.count("POST auth/approle/login") == 3)
  }

  @Test("a login that was refused is tried again at once when a Secret has changed")
  func mendedSecret() async throws {
    let world = try await VaultWorld()
    let role = "{appRole: {roleId: role-id, secretRef: {name: vault, key: id}}}"
    let wrong = try world.manifests(auth: role, secrets: ["id": "wrong"])
    let stores = RemoteStores(client: world.client, log: world.sink)
    let store = try #require(stores.stores(of: wrong)["vault"])
    #expect(await store.check() == .failure(.denied(reason: "Vault answered 400")))
    #expect(try stores.stores(of: world.manifests(auth: role, secrets: ["id": "secret-id"]))["vault"] === store)
    #expect(try await store.check().get().doubt == nil)
  }

  @Test("a token of the operator's is renewed, too, when Vault could not describe it at first")
  func lateLookup() async throws {
    let world = try await VaultWorld()
    try await world.vault.put("db", ["v": "1"])
    try await world.vault.set(["ttl": 6])
    let login = try await world.vault.send(
      "POST", "/v1/auth/approle/login", ["role_id": "role-id", "secret_id": "secret-id"])
    let token = try #require(login["auth"]?["client_token"]?.string)
    try await world.vault.set(["sealed": true])
    let store = try world.store(secrets: ["token": token])
    #expect(await store.code("db") == .unavailable)
    while try await world.vault.count("GET auth/token/lookup-self") < 1 {
      try await Task.sleep(for: .milliseconds(20))
    }
    try await world.vault.set(["sealed": false])
    while try await world.vault.count("POST auth/token/renew-self") < 1 {
      try await Task.sleep(for: .milliseconds(50))
    }
    #expect(await store.text("db", property: "v") == .success("1"))
  }

  @Test("a login ends when the Secret that it was made with changes or goes, and not when another one does")
  func changedSecret() async throws {
    let world = try await VaultWorld()
    try await world.vault.put("db", ["v": "1"])
    let stores = world.stores()
    func reload(_ secrets: [String: String]) throws -> RemoteStore {
      let auth = "{appRole: {roleId: role-id, secretRef: {name: vault, key: s}}}"
      return try #require(stores.stores(of: world.manifests(auth: auth, secrets: secrets))["vault"])
    }
    let store = try reload(["s": "secret-id"])
    #expect(await store.text("db", property: "v") == .success("1"))
    #expect(try reload(["s": "secret-id", "other": "x"]) === store)
    #expect(await store.text("db", property: "v") == .success("1"))
    #expect(try await world.vault.count("POST auth/approle/login") == 1)

    #expect(try reload(["s": "wrong-id"]) === store)
    #expect(await store.code("db") == .failedPrecondition)
    #expect(try await world.vault.count("POST auth/approle/login") == 2)
    // A refusal is not remembered of credentials that are others now.
    _ = try reload(["s": "secret-id"])
    #expect(await store.text("db", property: "v") == .success("1"))
    let bare = try reload(["other": "x"])
    #expect(await bare.code("db") == .failedPrecondition)
    #expect(try await world.vault.count("POST auth/approle/login") == 3)
  }

  @Test("a secret that is missing among the manifests is the operator's to add")
  func missingSecret() async throws {
    let world = try await VaultWorld()
    let store = try world.store(secrets: ["other": "x"])
    #expect(await store.code("db") == .failedPrecondition)
    #expect(world.log.contains { $0.contains("no Secret default/vault with the key token") })
  }

  @Test("a login that Vault forgets at once is made again at once, and then not with each question; values stay")
  func forgottenAtOnce() async throws {
    let world = try await VaultWorld()
    try await world.vault.put("db", ["v": "1"])
    let store = try world.store(
      auth: "{appRole: {roleId: role-id, secretRef: {name: vault, key: s}}}", secrets: ["s": "secret-id"], stale: "1h")
    #expect(await store.text("db", property: "v") == .success("1"))
    try await world.vault.set(["forget_tokens": true])
    try await world.vault.put("db", ["v": "2"])
    #expect(await store.text("db", property: "v") == .success("2"))
    #expect(store.staleCount == 0)
    #expect(try await world.vault.count("POST auth/approle/login") == 2)
    // The second was good, too: that it is refused says nothing of the secret.
    try await world.vault.set(["forget_tokens": true])
    #expect(await store.text("db", property: "v") == .success("2"))
    #expect(store.staleCount == 1)
    #expect(await store.code("other") == .unavailable)
    #expect(try await world.vault.count("POST auth/approle/login") == 2)
  }
}
