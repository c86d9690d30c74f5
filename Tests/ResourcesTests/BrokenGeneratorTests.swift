import Foundation
import Resources
import Testing

/// One fault each, and how what is printed for it begins.
@Suite struct BrokenGeneratorTests {
  private func check(_ kind: String, _ spec: String, _ expected: String) throws {
    let directory = try ManifestDirectory([
      "a.yaml": Example.generator(kind, spec), "keys.yaml": Example.secret,
    ])
    try directory.hide("keys.yaml")
    let printed = directory.printed()
    #expect(printed.first?.hasPrefix("a.yaml:" + expected) == true, "\(spec): \(printed)")
    #expect(directory.load().manifests.generators.isEmpty, "\(spec)")
  }

  @Test(
    "what every kind refuses",
    arguments: [
      ("leaseDuration: 0s", "5: `spec.leaseDuration` must be between `1s` and ten years"),
      ("leaseDuration: 87601h", "5: `spec.leaseDuration` must be between"),
      ("leaseDuration: 1.5s", "5: `spec.leaseDuration` must be a whole number of seconds"),
      ("leaseDuration: 1d", "5: `spec.leaseDuration` `1d` is no length of time"),
      ("leaseDuration: 90", "5: `spec.leaseDuration` must be a string, not a number"),
      ("leaseDuraton: 90s", "5: unknown field `spec.leaseDuraton`; did you mean `leaseDuration`?"),
      ("- a", "5: `spec` must be a mapping, not a list"),
    ])
  func everyKind(_ spec: String, _ expected: String) throws {
    for kind in ["UUID", "Password", "SSHKey", "BasicAuth"] {
      try check(kind, spec, expected)
    }
  }

  @Test(
    "Fake",
    arguments: [
      ("{}", "4: `spec.data` is missing"), ("data: []", "5: `spec.data` must be a mapping, not a list"),
      ("data: {a: 1}", "5: `spec.data.a` must be a string, not a number"),
      ("data: {a b: x}", "5: `spec.data` has the key `a b`"),
      ("controller: dev\ndata: {}", "5: `spec.controller` leaves the generator to another controller"),
      ("data: {a: x, a: y}", "5: `a` is given twice"),
    ])
  func fake(_ spec: String, _ expected: String) throws { try check("Fake", spec, expected) }

  @Test(
    "Password",
    arguments: [
      ("length: 0", "5: `spec.length` must be between 1 and 4096"),
      ("length: 4097", "5: `spec.length` must be between"),
      ("length: 99999999999999999999", "5: `spec.length` must be between"),
      ("length: 0x10", "5: `spec.length` must be between 1 and 4096, in decimal digits"),
      ("length: 012", "5: `spec.length` must be between"),
      ("length: 1e3", "5: `spec.length` must be a whole number, not a number; write it in decimal digits"),
      ("length: '8'", "5: `spec.length` must be a whole number, not a string; remove the quotes"),
      ("length: -1", "5: `spec.length` must be between"),
      ("digits: 20\nsymbols: 5", "4: `spec` wants 20 digits and 5 symbols in 24 characters"),
      ("length: 200", "4: `spec` wants 100 letters and no character twice, and there are 52"),
      (
        "length: 60\nnoUpper: true\ndigits: 10\nsymbols: 20",
        "4: `spec` wants 30 letters and no character twice, and there are 26"
      ),
      ("length: 60\nsymbols: 0\ndigits: 11", "4: `spec` wants 11 digits and no character twice, and there are 10"),
      ("symbols: 3\nsymbolCharacters: ab", "6: `spec.symbolCharacters` must be printable ASCII"),
      ("symbols: 3\nsymbolCharacters: '--'", "6: `spec.symbolCharacters` names a character twice"),
      ("symbols: 3\nsymbolCharacters: '-+'", "4: `spec` wants 3 symbols"),
      ("symbolCharacters: '€'", "5: `spec.symbolCharacters` must be printable ASCII"),
      ("symbolCharacters: ''", "5: `spec.symbolCharacters` is empty"),
      ("noUpper: 'true'", "5: `spec.noUpper` must be `true` or `false`, not a string"),
      ("encoding: base46", "5: `spec.encoding` cannot be `base46`; did you mean `base64`?"),
      ("secretKeys: [a]", "5: unknown field `spec.secretKeys`"),
    ])
  func password(_ spec: String, _ expected: String) throws {
    try check("Password", spec, expected)
  }

  @Test(
    "SSHKey",
    arguments: [
      ("keySize: 1024", "5: `spec.keySize` must be 2048, 3072 or 4096, not 1024"),
      ("keyType: dsa", "5: `spec.keyType` cannot be `dsa`"),
      ("keyType: ed2551", "5: `spec.keyType` cannot be `ed2551`; did you mean `ed25519`?"),
      ("comment: \"a\\nssh-rsa x\"", "5: `spec.comment` holds a line break"),
    ])
  func sshKey(_ spec: String, _ expected: String) throws { try check("SSHKey", spec, expected) }

  @Test(
    "BasicAuth",
    arguments: [
      ("username: {suffix: x}", "5: `spec.username.suffix` is written `sufix`"),
      ("username: {wordCount: 1000000000}", "5: `spec.username.wordCount` must be between 1 and 16"),
      ("username: {prefix: 'a:b'}", "5: `spec.username.prefix` holds a `:`"),
      ("username: {separator: \"\\n\"}", "5: `spec.username.separator` holds a line break"),
      ("username: alice", "5: `spec.username` must be a mapping"),
      ("password: {lenght: 3}", "5: unknown field `spec.password.lenght`; did you mean `length`?"),
      ("password: {length: 200}", "5: `spec.password` wants 100 letters"),
    ])
  func basicAuth(_ spec: String, _ expected: String) throws { try check("BasicAuth", spec, expected) }

  @Test(
    "MFA",
    arguments: [
      ("{}", "4: `spec.secret` is missing"), ("secret: {name: keys}", "5: `spec.secret.key` is missing"),
      ("secret: {name: keys, key: a/b}", "5: `spec.secret.key` `a/b` is no key"),
      ("secret: {name: Keys, key: plain}", "5: `spec.secret.name` `Keys` is no Kubernetes name"),
      ("secret: {name: keys, key: plain}\nlength: 10", "6: `spec.length` must be between 6 and 9"),
      ("secret: {name: keys, key: plain}\ntimePeriod: 0", "6: `spec.timePeriod` must be between"),
      ("secret: {name: keys, key: plain}\nalgorithm: md5", "6: `spec.algorithm` cannot be `md5`"),
      ("secret: {name: keys, key: plain}\nwhen: yesterday", "6: `spec.when` `yesterday` is no time"),
    ])
  func mfa(_ spec: String, _ expected: String) throws { try check("MFA", spec, expected) }

  @Test(
    "Webhook",
    arguments: [
      ("{}", "4: `spec.url` is missing"),
      ("url: http://a", "5: `spec.url` must begin with `https://`; only to loopback"),
      (
        "url: https://{{ .a.plain }}/x\nsecrets: [{name: a, secretRef: {name: keys}}]",
        "5: `spec.url` may have a template behind"
      ),
      (
        "url: 'https://a{{ .a.plain }}/x'\nsecrets: [{name: a, secretRef: {name: keys}}]",
        "5: `spec.url` may have a template behind"
      ),
      (
        "url: '{{ .a.plain }}x'\nsecrets: [{name: a, secretRef: {name: keys}}]",
        "5: `spec.url` may have a template behind"
      ),
      ("url: https://a/{{ .a.plain }}", "5: `spec.url` refers to `a`, which no entry of `secrets` names"),
      ("url: https://a\nbody: '{{ .a.plain | upper }}'", "6: `spec.body` has the template"),
      ("url: https://a\nmethod: get", "6: `spec.method` cannot be `get`; did you mean `GET`?"),
      ("url: https://a\ntimeout: 61s", "6: `spec.timeout` must be between `1ms` and `60s`"),
      ("url: https://a\ntimeout: 0s", "6: `spec.timeout` must be between"),
      ("url: https://a\nheaders: {Host: b}", "6: `spec.headers.Host` is no header's name, or one that this server"),
      ("url: https://a\nheaders: {a b: c}", "6: `spec.headers.a b` is no header's name"),
      ("url: https://a\nheaders: {a: \"b\\nc\"}", "6: `spec.headers.a` holds a line break"),
      ("url: https://a\nheaders: {a: b, A: c}", "6: `spec.headers.A` is given twice"),
      ("url: https://a\nheaders: []", "6: `spec.headers` must be a mapping"),
      ("url: https://a\nresult: {jsonPath: $..a}", "6: `spec.result.jsonPath` uses the recursive descent"),
      (
        "url: https://a\ncaProvider: {type: Config, name: keys, key: plain}",
        "6: `spec.caProvider.type` `Config` is none; write `Secret` or `ConfigMap`"
      ),
      (
        "url: https://a\ncaProvider: {type: Secret, name: keys, key: plain, namespace: b}",
        "6: `spec.caProvider.namespace` must be"
      ),
      (
        "url: https://a\ncaBundle: x\ncaProvider: {type: Secret, name: keys, key: plain}",
        "6: `spec.caBundle` and `spec.caProvider` exclude"
      ),
      ("url: https://a\ncaBundle: '***'", "6: `spec.caBundle` is not base64"),
      ("url: https://a\nauth: {ntlm: {}}", "6: unknown field `spec.auth`"),
      ("url: https://a\nsecrets: [{name: a-b, secretRef: {name: keys}}]", "6: `spec.secrets[0].name` `a-b` is no name"),
      (
        "url: https://a\nsecrets: [{name: a, secretRef: {name: keys}}, {name: a, secretRef: {name: keys}}]",
        "6: `spec.secrets[1]` has the name `a` a second time"
      ),
      (
        "url: https://a\nsecrets: [{name: a, secretRef: {name: keys, key: both}}]\nbody: '{{ .a.plain }}'",
        "7: `spec.body` refers to the key `plain`"
      ),
    ])
  func webhook(_ spec: String, _ expected: String) throws { try check("Webhook", spec, expected) }

  @Test(
    "Webhook refuses what is past its bounds",
    arguments: [
      ("url: https://a/\(String(repeating: "x", count: 8_192))", "5: `spec.url` is longer than 8192 bytes"),
      ("url: https://a\nbody: \(String(repeating: "x", count: 65_537))", "6: `spec.body` is longer than 65536 bytes"),
      (
        "url: https://a\nheaders: {a: \(String(repeating: "x", count: 8_193))}",
        "6: `spec.headers.a` is longer than 8192"
      ),
      (
        "url: https://a\nheaders: {\((0..<65).map { "a\($0): b" }.joined(separator: ", "))}",
        "6: `spec.headers` must be"
      ),
      (
        "url: https://a\nsecrets: [\((0..<65).map { "{name: a\($0), secretRef: {name: keys}}" }.joined(separator: ", "))]",
        "4: `spec.secrets` has more than 64"
      ),
    ])
  func webhookBounds(_ spec: String, _ expected: String) throws { try check("Webhook", spec, expected) }

  private static let auth = "auth: {username: a, password: {name: keys, key: plain}}\n"

  @Test(
    "PostgreSql",
    arguments: [
      ("port: 0", "7: `spec.port` must be between 1 and 65535"),
      ("port: 65536", "7: `spec.port` must be between"),
      ("port: '05432'", "7: `spec.port` must be between"),
      ("cleanupPolicy: {}", "7: `spec.cleanupPolicy` is not supported; write `spec.leaseDuration`"),
      ("user: {username: \(String(repeating: "u", count: 55))}", "7: `spec.user.username` with `_` and a suffix of 8"),
      ("user: {username: \(String(repeating: "u", count: 64))}", "7: `spec.user.username` must have at most 63"),
      ("user: {username: pg_x}", "7: `spec.user.username` begins with `pg_`"),
      ("user: {username: \"a\\0b\"}", "7: `spec.user.username` must have at most 63 bytes, and no NUL"),
      ("user: {suffixSize: 33}", "7: `spec.user.suffixSize` must be between 0 and 32"),
      ("user: {attributes: [{name: SUPERUSR}]}", "7: unknown role attribute `SUPERUSR`; did you mean `SUPERUSER`?"),
      ("user: {attributes: [{name: CREATEDB, value: x}]}", "7: `spec.user.attributes[0].value` is for"),
      ("user: {attributes: [{name: CONNECTION_LIMIT}]}", "7: `spec.user.attributes[0].value` is missing"),
      ("user: {attributes: [{name: CONNECTION_LIMIT, value: -2}]}", "7: `spec.user.attributes[0].value` must be"),
      ("user: {attributes: [{name: CREATEDB}, {name: CREATEDB}]}", "7: `spec.user.attributes[1].name` gives"),
      ("user: {roles: [a, a]}", "7: `spec.user.roles[1]` names `a` a second time"),
      ("user: {roles: [1]}", "7: `spec.user.roles[0]` must be a string"),
      ("sslMode: verify", "7: `spec.sslMode` cannot be `verify`"),
      ("caBundle: '***'", "7: `spec.caBundle` is not base64"),
    ])
  func postgreSql(_ spec: String, _ expected: String) throws {
    try check("PostgreSql", Self.auth + "host: h\n" + spec, expected)
  }

  @Test("PostgreSql wants a host and a login")
  func postgreSqlNeeds() throws {
    try check("PostgreSql", Self.auth, "4: `spec.host` is missing")
    try check("PostgreSql", "host: h", "4: `spec.auth` is missing")
  }

  @Test("what has no effect in PostgreSql is warned of")
  func warnings() throws {
    let bundle = Data(Example.pem(certificates: 1).utf8).base64EncodedString()
    let (resource, printed) = try ManifestDirectory.generator(
      Example.generator(
        "PostgreSql",
        Self.auth + "host: h\nuser: {destructiveCleanup: true, reassignTo: b}\nsslMode: require\ncaBundle: \(bundle)"))
    #expect(resource != nil)
    #expect(printed.count == 3)
    #expect(printed.contains { $0.hasPrefix("a.yaml:7: warning: `spec.user.reassignTo` has no effect") })
    #expect(
      printed.contains { $0.hasPrefix("a.yaml:9: warning: `spec.caBundle` has no effect with `sslMode: require`") })
  }
}
