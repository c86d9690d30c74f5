import FederationAPI
import Foundation
import Resources
import Testing

/// What each field of each kind is read as.
@Suite struct GeneratorSpecTests {
  static let selector = SecretKeySelector(namespace: "team", name: "keys", key: "plain")

  private func spec(_ kind: String, _ text: String) throws -> GeneratorSpec? {
    let (resource, printed) = try ManifestDirectory.generator(Example.generator(kind, text))
    #expect(printed.allSatisfy { $0.contains("no manifest defines Secret") }, "\(printed)")
    return resource?.spec
  }

  @Test("Fake")
  func fake() throws {
    #expect(
      try spec("Fake", "controller: external-secrets\ndata: {user: alice, empty: '', n: \"1\"}")
        == .fake(FakeSpec(data: ["user": SecretBytes("alice"), "empty": SecretBytes(""), "n": SecretBytes("1")])))
  }

  @Test("Password, with its defaults and with every field")
  func password() throws {
    #expect(try spec("Password", "{}") == .password(PasswordSpec(length: 24, digits: 6, symbols: 6)))
    #expect(try spec("Password", "length: 10") == .password(PasswordSpec(length: 10, digits: 2, symbols: 2)))
    #expect(
      try spec(
        "Password",
        "length: 40\ndigits: 11\nsymbols: 0\nsymbolCharacters: '-_'\nnoUpper: yes\nallowRepeat: true\nencoding: base32")
        == .password(
          PasswordSpec(
            length: 40, digits: 11, symbols: 0, symbolCharacters: "-_", noUpper: true, allowRepeat: true,
            encoding: .base32)))
    #expect(PasswordSpec.defaultSymbolCharacters.utf8.count == 30)
  }

  @Test("SSHKey, with its defaults and with every field")
  func sshKey() throws {
    #expect(try spec("SSHKey", "{}") == .sshKey(SSHKeySpec(keyType: .rsa(bits: 2048))))
    #expect(
      try spec("SSHKey", "keyType: rsa\nkeySize: 4096\ncomment: a@b")
        == .sshKey(
          SSHKeySpec(keyType: .rsa(bits: 4096), comment: "a@b")))
    let (resource, printed) = try ManifestDirectory.generator(
      Example.generator("SSHKey", "keyType: ed25519\nkeySize: 2048"))
    #expect(resource?.spec == .sshKey(SSHKeySpec(keyType: .ed25519)))
    #expect(printed == ["a.yaml:6: warning: `spec.keySize` has no effect on an ed25519 key; remove it"])
  }

  @Test("BasicAuth, with its defaults and with every field")
  func basicAuth() throws {
    #expect(try spec("BasicAuth", "{}") == .basicAuth(BasicAuthSpec()))
    #expect(
      try spec(
        "BasicAuth",
        """
        username: {length: 5, prefix: p-, sufix: -s, wordCount: 3, separator: .., includeNumbers: true}
        password: {length: 30, allowRepeat: true}
        """)
        == .basicAuth(
          BasicAuthSpec(
            username: .init(
              length: 5, prefix: "p-", suffix: "-s", wordCount: 3, separator: "..", includeNumbers: true),
            password: PasswordSpec(length: 30, allowRepeat: true))))
  }

  @Test("MFA, with its defaults and with every field")
  func mfa() throws {
    #expect(try spec("MFA", "secret: {name: keys, key: plain}") == .mfa(MFASpec(secret: Self.selector)))
    #expect(
      try spec(
        "MFA",
        """
        secret: {name: keys, key: plain}
        length: 8
        timePeriod: 60
        algorithm: SHA512
        when: 2005-03-18T02:58:31+01:00
        """)
        == .mfa(
          MFASpec(secret: Self.selector, length: 8, timePeriod: 60, algorithm: .sha512, pinnedSeconds: 1_111_111_111)))
  }

  @Test(
    "times are read as RFC 3339 has them",
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2000-02-29T23:59:60Z", 951_868_800), ("2033-05-18T03:33:20.999z", 2_000_000_000),
      ("2603-10-11T11:33:20Z", 20_000_000_000), ("1970-01-01T01:00:00+01:00", 0), ("1969-12-31T23:00:00-01:30", 1_800),
      ("2100-03-01t00:00:00Z", 4_107_542_400), ("1969-12-31T23:59:59Z", nil), ("2100-02-29T00:00:00Z", nil),
      ("2001-13-01T00:00:00Z", nil), ("2001-01-01", nil), ("2001-01-01T00:00:00", nil), ("2001-01-01T24:00:00Z", nil),
      ("2001-01-01T00:00:00.Z", nil), ("2001-01-01T00:00:00Zx", nil), ("2001-1-01T00:00:00Z", nil),
    ] as [(String, Int64?)])
  func times(_ text: String, _ expected: Int64?) throws {
    let (resource, _) = try ManifestDirectory.generator(
      Example.generator("MFA", "secret: {name: keys, key: plain}\nwhen: '\(text)'"))
    guard case .mfa(let spec) = resource?.spec else {
      #expect(expected == nil)
      return
    }
    #expect(spec.pinnedSeconds == expected)
  }

  @Test("PostgreSql, with its defaults and with every field")
  func postgreSql() throws {
    let auth = "host: db\nauth: {username: admin, password: {name: keys, key: plain}}\n"
    #expect(
      try spec("PostgreSql", auth)
        == .postgreSql(
          PostgreSqlSpec(host: "db", username: "admin", password: Self.selector, user: .init(username: "ese_user"))))
    let pem = Example.pem(certificates: 1)
    let all =
      auth + """
        database: app
        port: "6432"
        user:
          username: svc
          suffixSize: 0
          attributes:
            - name: CREATEDB
            - {name: CONNECTION_LIMIT, value: "5"}
          roles: [reader, "Writer"]
          destructiveCleanup: false
          reassignTo: owner
        sslMode: verify-full
        caBundle: \(Data(pem.utf8).base64EncodedString())
        """
    let expected = PostgreSqlSpec(
      database: "app", host: "db", port: 6432, username: "admin", password: Self.selector,
      user: .init(
        username: "svc", suffixSize: 0, attributes: [.createDB, .connectionLimit(5)], roles: ["reader", "Writer"],
        reassignTo: "owner"), sslMode: .verifyFull, caBundle: Array(pem.utf8))
    #expect(try spec("PostgreSql", all) == .postgreSql(expected))
    let plain = all.replacingOccurrences(
      of: Data(pem.utf8).base64EncodedString(), with: "|\n  " + pem.replacingOccurrences(of: "\n", with: "\n  "))
    #expect(try spec("PostgreSql", plain) == .postgreSql(expected))
  }

  @Test(
    "leaseDuration is read in whole seconds",
    arguments: [("1s", 1), ("90s", 90), ("1h30m", 5_400), ("87600h", 315_360_000), ("2000ms", 2), ("1.1h", 3_960)]
      as [(String, Int64)])
  func lease(_ text: String, _ seconds: Int64) throws {
    for kind in ["UUID", "Password", "SSHKey", "BasicAuth"] {
      let (resource, printed) = try ManifestDirectory.generator(
        Example.generator(kind, "leaseDuration: \(text)"))
      #expect(printed == [])
      #expect(resource?.leaseSeconds == seconds)
    }
  }
}
