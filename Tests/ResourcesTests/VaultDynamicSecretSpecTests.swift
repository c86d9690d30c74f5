import Resources
import Testing

/// What a `VaultDynamicSecret` is read as, and what it refuses.
@Suite struct VaultDynamicSecretSpecTests {
  private static let provider = "provider: {server: \"https://v\", auth: {tokenSecretRef: {name: keys, key: plain}}}"

  private func read(_ text: String) throws -> (VaultDynamicSecretSpec?, [String]) {
    let (resource, printed) = try ManifestDirectory.generator(Example.generator("VaultDynamicSecret", text))
    guard case .vaultDynamicSecret(let spec) = resource?.spec else { return (nil, printed) }
    return (spec, printed)
  }

  @Test("its defaults and every field")
  func fields() throws {
    let (plain, _) = try read("path: /database/creds/a/\n\(Self.provider)")
    let selector = SecretKeySelector(namespace: "team", name: "keys", key: "plain")
    let vault = VaultSpec(server: try #require(BackendURL("https://v")), authentication: .token(.secret(selector)))
    #expect(plain == VaultDynamicSecretSpec(vault: vault, path: "database/creds/a"))
    let (full, _) = try read(
      "path: pki/issue/a\nmethod: post\nparameters: {n: 1, b: true, s: \"1.5\"}\nresultType: Raw\n"
        + "allowEmptyResponse: true\ncontroller: \"\"\n\(Self.provider)")
    #expect(
      full
        == VaultDynamicSecretSpec(
          vault: vault, path: "pki/issue/a", method: .post,
          parameters: Array(#"{"b":true,"n":1,"s":"1.5"}"#.utf8), resultType: .raw, allowsEmptyResponse: true))
  }

  @Test(
    "what it refuses",
    arguments: [
      ("{}", "`spec.path` is missing"), ("path: a\nretrySettings: {maxRetries: 1}", "`spec.retrySettings` is not"),
      ("path: a/../b", "`spec.path` must be a path"), ("path: a\nmethod: DELETE", "`spec.method` cannot be"),
      ("path: a\nresultType: Auth", "`Auth` is not served"), ("path: a\nparameters: {a: b}", "with GET"),
      ("path: a\nmethod: PUT\nparameters: {a: [1.5]}", "no decimal integer"),
      ("path: a\nmethod: PUT\nparameters: [a]", "must be a mapping"),
      ("path: a\ncontroller: dev", "another controller"),
      ("path: auth/token/create", "`spec.path` is below `auth/`"),
      ("path: /auth/userpass/login/secret-id", "`spec.path` is below `auth/`"),
    ])
  func refusals(_ text: String, _ expected: String) throws {
    let (spec, printed) = try read("\(text == "{}" ? "method: GET" : text)\n\(Self.provider)")
    #expect(spec == nil && printed.contains { $0.contains(expected) }, "\(printed)")
  }

  @Test("a SecretID of AppRole is no token, and a mount may be called as it likes")
  func belowAuth() throws {
    for path in ["auth/approle/role/orders/secret-id", "authority/creds/a"] {
      #expect(try read("path: \(path)\nmethod: POST\n\(Self.provider)").0?.path == path)
    }
  }

  @Test(
    "the server's own credentials are not for a generator",
    arguments: [
      ("tokenSecretRef: {file: /etc/token}", "is for stores"), ("tokenSecretRef: {env: TOKEN}", "is for stores"),
      ("tokenSecretRef: {name: keys, key: plain, namespace: other}", "must be the generator's own"),
      ("kubernetes: {role: r}", "the server's own token"),
    ])
  func ownCredentials(_ auth: String, _ expected: String) throws {
    let (spec, printed) = try read("path: a\nprovider: {server: \"https://v\", auth: {\(auth)}}")
    #expect(spec == nil && printed.contains { $0.contains(expected) }, "\(printed)")
  }
}
