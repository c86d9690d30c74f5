import FederationAPI
import Foundation
import Testing

@testable import Resources

@Suite struct WebhookSpecTests {
  private func load(_ text: String) throws -> (WebhookSpec?, [String]) {
    let directory = try ManifestDirectory([
      "a.yaml": Example.generator("Webhook", text), "b.yaml": Example.secret,
    ])
    try directory.hide("b.yaml")
    guard case .webhook(let spec) = directory.load().manifests.generators.first?.spec else {
      return (nil, directory.printed())
    }
    return (spec, directory.printed())
  }

  @Test("a URL is enough")
  func defaults() throws {
    let (spec, printed) = try load("url: https://hooks.example.org/a?b=c")
    #expect(printed == [])
    #expect(spec == WebhookSpec(url: WebhookTemplate(parts: [.text("https://hooks.example.org/a?b=c")])))
    #expect(spec?.timeoutSeconds == 10)
    #expect(spec?.method == "GET")
  }

  @Test("every field is read")
  func all() throws {
    let (spec, printed) = try load(
      """
      method: POST
      url: https://hooks.example.org/a?b={{ .login.both }}
      headers:
        Authorization: Bearer {{.login.plain}}
        X-Empty: ""
      body: '{"a":{{ .login.encoded | b64enc | toJson }},"b":{"c":{}}}'
      timeout: 1500ms
      result: {jsonPath: "$.data[0]['the value']"}
      secrets:
        - name: login
          secretRef: {name: keys}
        - {name: one, secretRef: {name: keys, key: plain}}
      caProvider: {type: Secret, name: keys, key: both}
      """)
    #expect(printed == [])
    let login = WebhookSpec.TemplateSecret(name: "login", namespace: "team", secret: "keys")
    #expect(
      spec
        == WebhookSpec(
          method: "POST",
          url: WebhookTemplate(parts: [
            .text("https://hooks.example.org/a?b="), .reference(.init(secret: "login", key: "both")),
          ]),
          headers: [
            .init(
              name: "Authorization",
              value: WebhookTemplate(parts: [.text("Bearer "), .reference(.init(secret: "login", key: "plain"))])),
            .init(name: "X-Empty", value: WebhookTemplate(parts: [])),
          ],
          body: WebhookTemplate(parts: [
            .text("{\"a\":"), .reference(.init(secret: "login", key: "encoded", filters: [.b64enc, .toJson])),
            .text(",\"b\":{\"c\":{}}}"),
          ]),
          timeoutSeconds: 1.5,
          resultPath: WebhookResultPath(steps: [.member("data"), .index(0), .member("the value")]),
          secrets: [login, .init(name: "one", namespace: "team", secret: "keys", key: "plain")],
          trust: .secret(SecretKeySelector(namespace: "team", name: "keys", key: "both"))))
  }

  @Test(
    "what a template may not do is refused",
    arguments: [
      "{{ .a }}", "{{ .a.b", "{{ a.b }}", "{{}}", "{{ .a.b | upper }}", "{{ printf .a.b }}", "{{ .a.b | }}",
      "{{- .a.b -}}", "{{ .a.b | toJson | toJson | toJson | toJson }}", "{{ range .a }}", "{{ .a..b c }}",
      "{{ $x := .a.b }}", "{{ .a.b }} {{ . }}", "{{ {{ .a.b }} }}", "{{ .1a.b }}", "{{ \"}}\" }}", "{{/* c */}}",
    ])
  func refusedTemplates(_ text: String) {
    #expect(throws: FieldFault.self) { try WebhookTemplate(parsing: text) }
  }

  @Test(
    "braces that open no template are text",
    arguments: ["", "{", "}}", "{ {.a.b} }", "{\"a\":{\"b\":1}}"])
  func braces(_ text: String) throws {
    #expect(try WebhookTemplate(parsing: text).parts == (text.isEmpty ? [] : [.text(text)]))
  }

  @Test("references are found wherever they stand, keys with dots and hyphens too")
  func references() throws {
    let template = try WebhookTemplate(parsing: "a{{.s.ca.crt}}{{ .s_1.api-key\n| urlquery }}}b")
    #expect(
      template.parts == [
        .text("a"), .reference(.init(secret: "s", key: "ca.crt")),
        .reference(.init(secret: "s_1", key: "api-key", filters: [.urlquery])), .text("}b"),
      ])
  }

  @Test(
    "paths that lead to one place are read",
    arguments: [
      ("$", []), ("$.a.b-c", [.member("a"), .member("b-c")]), ("$['a.b'][12]", [.member("a.b"), .index(12)]),
      ("$[0].é", [.index(0), .member("é")]), ("$['']", [.member("")]),
    ] as [(String, [WebhookResultPath.Step])])
  func paths(_ text: String, _ steps: [WebhookResultPath.Step]) throws {
    #expect(try WebhookResultPath(parsing: text).steps == steps)
  }

  @Test(
    "other paths are refused by the name of what they use",
    arguments: [
      ("a.b", "must begin with `$`"), ("", "must begin with `$`"), ("$..a", "the recursive descent"),
      ("$.*", "the wildcard"), ("$[*]", "the wildcard"), ("$[?(@.a)]", "the filter"), ("$[(1)]", "the filter"),
      ("$[1:2]", "the slice"), ("$[:2]", "the slice"), ("$[0,1]", "the union"), ("$['a','b']", "the union"),
      ("$[-1]", "an index from the end"), ("$[\"a\"]", "double quotes"), ("$['a\\'b']", "an escape"),
      ("$.", "that no name follows"), ("$[0", "that no index and `]` follow"), ("$[]", "no number"),
      ("$['a", "that no `']` closes"), ("$[9999999999]", "no number up to"), ("$a", "where a step must begin"),
      ("$.a.b()", "where a step must begin"), (" $", "must begin with `$`"),
      ("$" + String(repeating: "[0]", count: 33), "more than 32 steps"),
      ("$." + String(repeating: "a", count: 1_024), "longer than 1024 bytes"),
    ])
  func refusedPaths(_ text: String, _ expected: String) {
    let fault = #expect(throws: FieldFault.self) { try WebhookResultPath(parsing: text) }
    #expect(fault?.text.contains(expected) == true, "\(fault?.text ?? "taken")")
  }

  @Test(
    "URLs of https, and of http on loopback, are taken",
    arguments: [
      "https://a", "https://a.example:8443/x?y=z#f", "http://127.0.0.1:80/", "http://localhost", "http://[::1]:1/",
      "http://127.9.8.7",
    ])
  func urls(_ text: String) { #expect(WebhookURL(text)?.text == text) }

  @Test(
    "all others are refused",
    arguments: [
      "http://a", "http://127.0.0.1.example.org", "http://127.1", "http://127.0.0.01", "http://0177.0.0.1",
      "http://127.0.0.1@example.org", "http://localhost.example", "http://[::2]", "http://128.0.0.1", "ftp://a",
      "https://", "https://u:p@a", "https://a b", "https://a\n", "https://a:0", "HTTPS://a", "//a",
      "http://127.0.0.256",
      "http://example.org#@127.0.0.1", "http://example.org\\@127.0.0.1",
    ])
  func refusedURLs(_ text: String) { #expect(WebhookURL(text) == nil) }
}
