import Testing

@testable import Resources

@Suite struct WebhookStoreSpecTests {
  private func load(_ fields: String) throws -> (WebhookSpec?, [String]) {
    let directory = try StoreManifest.directory("webhook", fields)
    guard case .remote(.webhook(let spec)) = directory.load().manifests.clusterSecretStores.first?.provider else {
      return (nil, directory.printed())
    }
    return (spec.webhook, directory.printed())
  }

  @Test("what a caller asks for stands in templates beside the Secrets' values, which may be in any namespace")
  func templates() throws {
    let (spec, printed) = try load(
      """
      url: https://hooks.example.org/{{ .remoteRef.key }}?v={{ .remoteRef.version | urlquery }}
      headers: {Authorization: "{{ .auth.token }}"}
      secrets: [{name: auth, secretRef: {name: hook, namespace: vault}}]
      result: {jsonPath: $.value}
      """)
    #expect(
      printed == [
        "a.yaml:9: warning: no manifest defines Secret `vault/hook`; until one does, this store cannot be used",
        "a.yaml:10: warning: no manifest defines Secret `vault/hook`; until one does, this store cannot be used",
      ])
    #expect(
      spec
        == WebhookSpec(
          url: WebhookTemplate(parts: [
            .text("https://hooks.example.org/"), .reference(.init(secret: "remoteRef", key: "key")), .text("?v="),
            .reference(.init(secret: "remoteRef", key: "version", filters: [.urlquery])),
          ]),
          headers: [
            .init(
              name: "Authorization", value: WebhookTemplate(parts: [.reference(.init(secret: "auth", key: "token"))]))
          ],
          resultPath: WebhookResultPath(steps: [.member("value")]),
          secrets: [.init(name: "auth", namespace: "vault", secret: "hook")]))
  }

  @Test(
    "what would let a caller choose where requests go, or is not served, is refused",
    arguments: [
      ("url: \"{{ .remoteRef.key }}\"", "8: `spec.provider.webhook.url` may have a template behind the host"),
      ("url: https://{{ .remoteRef.key }}/", "8: `spec.provider.webhook.url` may have a template behind the host"),
      (
        "url: https://a.example/{{ .remoteRef.property }}",
        "8: `spec.provider.webhook.url` refers to `remoteRef.property`"
      ),
      ("url: https://a.example/{{ .other.key }}", "8: `spec.provider.webhook.url` refers to `other`"),
      (
        "url: https://a.example/\nsecrets: [{name: remoteRef, secretRef: {name: a}}]",
        "9: `spec.provider.webhook.secrets[0].name` is the name of what callers ask for"
      ),
      (
        "url: https://a.example/\nauth: {ntlm: {}}", "9: `spec.provider.webhook.auth` is not served"
      ),
      ("url: http://a.example/", "8: `spec.provider.webhook.url` must begin with `https://`"),
    ])
  func faults(_ fields: String, _ expected: String) throws {
    let (spec, printed) = try load(fields)
    #expect(spec == nil)
    #expect(printed.contains { $0.hasPrefix("a.yaml:\(expected)") }, "\(printed)")
  }

  @Test("a generator's template has no caller's key")
  func generator() throws {
    let directory = try ManifestDirectory([
      "a.yaml": Example.generator("Webhook", "url: https://a.example/{{ .remoteRef.key }}")
    ])
    #expect(directory.load().manifests.generators.isEmpty)
    #expect(directory.printed().contains { $0.contains("refers to `remoteRef`, which no entry of `secrets` names") })
  }
}
