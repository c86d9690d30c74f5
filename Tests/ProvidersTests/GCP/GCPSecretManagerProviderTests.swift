import Crypto
import FederationAPI
import Foundation
import JSON
import Resources
import SecretStores
import TestSupport
import Testing

@testable import Providers

@Suite struct GCPSecretManagerProviderTests {
  @Test("the stand-in serves Google's own client: versions, lists, refusals, and tokens by all three credentials")
  func standIn() async throws {
    let server = try await GCPServer()
    let seen = try await PythonPeer.run("Tests/GCPServer/client.py", [server.line])
    #expect(
      seen == [
        ["latest": ["two", "2"], "first": ["one", "1"]], ["missing": "NotFound", "denied": "Forbidden"],
        ["disabled": "BadRequest"], ["names": ["checked", "denied"]], ["labelled": ["denied"]],
        ["external": ["two", "2"]], ["impersonating": ["two", "2"]],
      ])
  }

  @Test("each credential gets a token, by which values come whole, up to Google's 64 KiB")
  func values() async throws {
    let server = try await GCPServer()
    let binary = (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
    try await server.put("binary", binary)
    try await server.put("text", Array("日本語 \u{1F511}\n".utf8))
    try await server.put("empty", [])
    for kind in GCPServer.Credential.allCases {
      let provider = try server.provider(server.credential(kind))
      #expect(try await provider.check(deadline: .in(30)).doubt == nil)
      guard
        case .value(let value, "1") = try await provider.fetch(
          ProviderKey(name: "binary"), known: nil, deadline: .in(30))
      else {
        Issue.record("no value by \(kind)")
        continue
      }
      #expect(value == SecretBytes(binary))
      #expect(try await provider.text("text").text == "日本語 \u{1F511}\n")
      #expect(try await provider.text("empty").text == "")
    }
  }

  @Test("a new version is new at once, the old one by its number, and none that was disabled")
  func versions() async throws {
    let server = try await GCPServer()
    let provider = try server.provider(server.credential(.account))
    for (number, value) in ["one", "two"].enumerated() {
      try await server.put("rotated", Array(value.utf8))
      #expect(try await provider.text("rotated") == (value, "\(number + 1)"))
    }
    #expect(try await provider.text("rotated", version: "1") == ("one", "1"))
    try await server.control("state", ["secret": "rotated", "version": 1, "state": "DISABLED"])
    #expect(await provider.failure("rotated", version: "1") == .notFound)
    #expect(await provider.failure("rotated", version: "3") == .notFound)
    #expect(await provider.failure("none") == .notFound)
    for name in ["a/b", "..", "a?b", "ü"] { #expect(await provider.failure(name) == .notFound) }
    #expect(await provider.failure("rotated", version: "1/../2") == .invalid("has no version of that name"))
  }

  @Test("all names are listed, page by page, up to the limit and one")
  func list() async throws {
    let server = try await GCPServer()
    let names = (0..<260).map { "s-\($0)" }
    for name in names { try await server.put(name, [1]) }
    let provider = try server.provider(server.credential(.account))
    #expect(Set(try await provider.list(TagFilter(), limit: 1_000, deadline: .in(60))) == Set(names))
    #expect(try await provider.list(TagFilter(), limit: 5, deadline: .in(60)).count == 6)
  }

  @Test("names are found by all of their labels; what can be no label is on none of them")
  func labels() async throws {
    let server = try await GCPServer()
    try await server.put("a", [1], labels: ["team": "x", "env": "prod"])
    try await server.put("b", [1], labels: ["team": "x"])
    try await server.put("c", [1], labels: ["team": "x", "env": "prod", "empty": ""])
    try await server.put("d", [1])
    for number in 0..<260 { try await server.put("s-\(number)", [1], labels: ["team": "many"]) }
    let provider = try server.provider(server.credential(.account))
    func found(_ tags: [String: String]) async throws -> [String] {
      let filter = TagFilter(tags.map { SecretTag(key: $0, value: $1) })
      return try await provider.list(filter, limit: 1_000, deadline: .in(60)).sorted()
    }
    #expect(provider.hasTags)
    #expect(try await found(["team": "x", "env": "prod"]) == ["a", "c"])
    #expect(try await found(["team": "x"]) == ["a", "b", "c"])
    #expect(try await found(["team": "x", "env": "pro"]) == [])
    #expect(try await found(["team": "many"]).count == 260)
    #expect(try await found(["empty": ""]) == ["c"])
    #expect(try await found(["team": "x OR labels.team=many"]) == [])
    #expect(try await found(["team=x OR labels.team": "many"]) == [])
  }

  @Test("a token that Google has forgotten is got anew, without a failure")
  func forgottenToken() async throws {
    let server = try await GCPServer()
    try await server.put("a", Array("x".utf8))
    let provider = try server.provider(server.credential(.account))
    #expect(try await provider.text("a").text == "x")
    try await server.control("forget")
    #expect(try await provider.text("a").text == "x")
  }

  @Test("a key that is not the account's, another token and a secret that is not ours are denied, in our own words")
  func denied() async throws {
    let server = try await GCPServer()
    try await server.put("a", [1])
    try await server.control("deny", ["secret": "a"])
    #expect(
      await (try server.provider(server.credential(.account))).failure("a")
        == .denied(reason: "Google answered with status 403"))
    try await server.control("deny", ["secret": "ese-federation-check"])
    let proof = try await server.provider(server.credential(.account)).check(deadline: .in(30))
    #expect(proof.doubt?.hasPrefix("it may not read `ese-federation-check`") == true)

    var account = try #require(server.credential(.account).object)
    let other = try PrivateKey.generateRSA()
    account["private_key"] = .string(try #require(other.pem.text))
    let refusal = BackendError.denied(reason: "Google's token endpoint answered with status 400")
    let byOtherKey = try server.provider(.object(account))
    #expect(await byOtherKey.failure("a") == refusal)
    await #expect(throws: refusal) { try await byOtherKey.check(deadline: .in(30)) }

    var external = try #require(server.credential(.external).object)
    let file = try server.directory.write("{\"token\":\"bad.web.token\"}", to: "bad")
    external["credential_source"] = [
      "file": .string(file), "format": ["type": "json", "subject_token_field_name": "token"],
    ]
    #expect(await (try server.provider(.object(external))).failure("a") == refusal)
  }

  @Test(
    "a credential that cannot be used is called misconfigured, without its content",
    arguments: [
      "hunter2", "{\"type\":\"authorized_user\",\"client_secret\":\"hunter2\"}",
      "{\"type\":\"service_account\",\"client_email\":\"a\",\"private_key\":\"hunter2\",\"token_uri\":\"https://a.example\"}",
      "{\"type\":\"service_account\",\"client_email\":\"a\",\"private_key\":\"x\",\"token_uri\":\"http://hunter2.example\"}",
      "{\"type\":\"external_account\",\"audience\":\"a\",\"credential_source\":{\"url\":\"https://hunter2\"}}",
    ])
  func unusable(_ credential: String) async throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write(credential, to: "credential.json")
    let secrets = ProviderSecrets(ManifestSecrets([]))
    do throws(BackendError) {
      _ = try GCPCredential(try secrets.value(.file(file)), GCPCredential.Reach(allowsExternal: true))
      Issue.record("it can be used")
    } catch {
      guard case .misconfigured(let reason) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(!reason.contains("hunter2"))
    }
  }

  @Test("a Secret for a service account's key names no file of the server's: nothing is sent for it")
  func externalInSecretRef() async throws {
    let server = try await GCPServer()
    try await server.put("a", [1])
    let provider = try server.provider(server.credential(.external), isFederated: false)
    guard case .misconfigured(let reason) = await provider.failure("a") else {
      Issue.record("a file was read for it")
      return
    }
    #expect(reason.hasPrefix("type of Google's credential must be service_account in auth.secretRef"))
  }

  /// Parts of a credential, and the member that names another host; nil where all is Google's, or the endpoint's.
  private static let urls: [(JSONValue, String?)] = [
    (["token_url": "https://sts.googleapis.com/v1/token"], nil),
    (["token_url": "https://STS.europe-west1.p.googleapis.com:443/v1/token"], nil),
    (["token_url": "https://127.0.0.1:7/token"], nil), (["token_url": "https://127.0.0.1:8/token"], "token_url"),
    (["token_url": "https://googleapis.com.example/token"], "token_url"),
    (["token_url": "https://evilgoogleapis.com/token"], "token_url"),
    (["token_url": "https://internal.example/sts.googleapis.com"], "token_url"),
    (["service_account_impersonation_url": "https://iamcredentials.googleapis.com/v1/x:generateAccessToken"], nil),
    (
      ["service_account_impersonation_url": "https://internal.example/v1/x:generateAccessToken"],
      "service_account_impersonation_url"
    ),
  ]

  @Test("tokens are asked for at Google and at the store's endpoint only", arguments: urls)
  func hosts(_ parts: JSONValue, _ refused: String?) throws {
    var credential: [JSONName: JSONValue] = [
      "type": "external_account", "audience": "a", "subject_token_type": "t",
      "token_url": "https://sts.googleapis.com/v1/token", "credential_source": ["file": "/etc/token"],
    ]
    credential.merge(parts.object ?? [:]) { _, other in other }
    let reach = GCPCredential.Reach(allowsExternal: true, endpoint: BackendURL("https://127.0.0.1:7"))
    var reason: String?
    do throws(BackendError) {
      _ = try GCPCredential(SecretBytes(JSONValue.object(credential).encoded()), reach)
    } catch { reason = error.reason }
    #expect(
      reason
        == refused.map {
          "\($0) of Google's credential must be at a host of googleapis.com, or at the store's endpoint"
        })
  }

  @Test("a service account's key, too, has its token from Google")
  func accountElsewhere() throws {
    let pem = try #require(try PrivateKey.generateRSA().pem.text)
    func reason(_ url: String) -> String? {
      let account: JSONValue = [
        "type": "service_account", "client_email": "a", "private_key": .string(pem), "token_uri": .string(url),
      ]
      do throws(BackendError) {
        _ = try GCPCredential(SecretBytes(account.encoded()), GCPCredential.Reach(allowsExternal: false))
        return nil
      } catch { return error.reason }
    }
    #expect(reason("https://oauth2.googleapis.com/token") == nil)
    #expect(reason("https://accounts.google.com/o/oauth2/token") == nil)
    #expect(reason("https://internal.example/token")?.hasPrefix("token_uri of Google's credential must be") == true)
  }

  @Test("a refusal of whatever status is no outage, and what says nothing of the question is one")
  func statuses() {
    for status in [405, 409, 412, 451, 499] {
      #expect(
        GCPSecretManagerProvider.failure(status, nil) == .misconfigured(reason: "Google answered with status \(status)")
      )
    }
    for status in [302, 408] {
      #expect(
        GCPSecretManagerProvider.failure(status, nil) == .unavailable(reason: "Google answered with status \(status)"))
    }
    #expect(GCPSecretManagerProvider.failure(400, "FAILED_PRECONDITION") == .notFound)
    #expect(GCPSecretManagerProvider.failure(200, nil) == nil)
  }
}
