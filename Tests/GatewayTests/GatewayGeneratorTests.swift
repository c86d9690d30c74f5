import FederationAPI
import HTTP1
import Testing

/// The three routes of generators, as they are documented.
@Suite struct GatewayGeneratorTests {
  static let path = "/generators/team/Password/database"
  static let generator = GeneratorReference(namespace: "team", kind: "Password", name: "database")
  static let revoke = "/generators/team/revoke"
  static let json = [("authorization", "Bearer t"), ("content-type", "application/json")]

  @Test("generated values are one object of strings, names in byte order, spelled as Go spells it")
  func generate() async {
    let values = ["b<": "x&y", "B": "\u{1}é\u{2028}", "a": ""].mapValues { SecretBytes($0) }
    for isPending in [false, true] {
      let driver = GatewayDriver(FakeFederationService(generated: .success(values), isPending: isPending))
      let answer = await driver.ask("POST", Self.path, body: "{\"ca.crt\":\"QUJD\"}")
      #expect(answer.status == 200)
      #expect(answer.body == #"{"B":"\u0001é\u2028","a":"","b\u003c":"x\u0026y"}"# + "\n")
      #expect(answer.contentType == "application/json")
      let asked = GenerateRequest(generator: Self.generator, caCertificates: Array("ABC".utf8))
      #expect(driver.service.calls == [.generate(asked)])
    }
  }

  @Test("a generator that gave nothing gives an empty object")
  func nothingGenerated() async {
    let driver = GatewayDriver(FakeFederationService(generated: .success([:])))
    #expect(await driver.ask("POST", Self.path).body == "{}\n")
  }

  @Test("self-revocation answers null")
  func revokeSelf() async {
    let driver = GatewayDriver()
    let answer = await driver.ask("DELETE", Self.path, body: "")
    #expect(answer.status == 200)
    #expect(answer.body == "null\n")
    #expect(driver.service.calls == [.revokeSelf(RevokeSelfRequest(generator: Self.generator))])
  }

  @Test(
    "revocation answers its text, whether or not the body repeats the namespace",
    arguments: [
      #"{"owner":"app-0"}"#, #"{"owner":"app-0","namespace":"team"}"#, #"{"namespace":null,"owner":"app-0"}"#,
    ]
  )
  func revoke(body: String) async {
    let driver = GatewayDriver()
    let answer = await driver.ask("POST", Self.revoke, fields: Self.json, body: Array(body.utf8))
    #expect(answer.status == 200)
    #expect(answer.body == "\"GeneratorState deleted\"\n")
    #expect(
      driver.service.calls == [.revokeCredentials(RevokeCredentialsRequest(namespace: "team", owner: "app-0"))])
  }

  @Test(
    "D10: what is wrong with the body of a revocation is told after authentication, and nothing is revoked",
    arguments: [
      (#"{"owner":"app-0","namespace":"other"}"#, "namespace in the body must be the path's, or be left out"),
      (#"{"owner":"app-0","namespace":""}"#, "namespace in the body must be the path's, or be left out"),
      (#"{"owner":"app-0","namespace":"TEAM"}"#, "namespace in the body must be the path's, or be left out"),
      (#"{"owner":"app-0","namespace":["team"]}"#, "namespace in the body must be a string"),
      (#"{"owner":5}"#, "owner in the body must be a string"),
    ])
  func badBody(body: String, text: String) async {
    let driver = GatewayDriver()
    let answer = await driver.ask("POST", Self.revoke, fields: Self.json, body: Array(body.utf8))
    #expect(answer.status == 400)
    #expect(answer.body == "\"\(text)\"\n")
    #expect(driver.service.calls == [.verify([])])
    let refused = await GatewayDriver(.refusing).ask("POST", Self.revoke, fields: Self.json, body: Array(body.utf8))
    #expect(refused.body == "\"Unauthorized\"\n")
  }

  @Test("the namespace named twice in one body is no body at all")
  func duplicateMember() async {
    let driver = GatewayDriver()
    let body = Array(#"{"owner":"a","namespace":"team","namespace":"other"}"#.utf8)
    let answer = await driver.ask("POST", Self.revoke, fields: Self.json, body: body)
    #expect(answer.status == 401)
    #expect(driver.service.calls.isEmpty)
  }

  @Test(
    "a body that is not said to be JSON has the documented text",
    arguments: [nil, "text/plain", "application/x-www-form-urlencoded", "application/json2"] as [String?])
  func mediaType(type: String?) async {
    let fields = [("authorization", "Bearer t")] + (type.map { [("content-type", $0)] } ?? [])
    let driver = GatewayDriver()
    let answer = await driver.ask("POST", Self.revoke, fields: fields, body: Array(#"{"owner":"a"}"#.utf8))
    #expect(answer.status == 400)
    #expect(answer.body == "\"code=415, message=Unsupported Media Type\"\n")
    #expect(driver.service.calls == [.verify([])])
  }

  @Test(
    "parameters of the media type do not matter", arguments: ["application/json; charset=utf-8", "Application/JSON"])
  func mediaTypeParameters(type: String) async {
    let fields = [("authorization", "Bearer t"), ("content-type", type)]
    let answer = await GatewayDriver().ask("POST", Self.revoke, fields: fields, body: Array(#"{"owner":"a"}"#.utf8))
    #expect(answer.status == 200)
  }

  @Test("an empty body reaches the service, which wants an owner")
  func emptyBody() async {
    let driver = GatewayDriver()
    _ = await driver.ask("POST", Self.revoke, body: "")
    #expect(driver.service.calls == [.revokeCredentials(RevokeCredentialsRequest(namespace: "team", owner: ""))])
  }

  @Test("an escaped slash stays inside its name and never moves a border between names")
  func escapes() async {
    let driver = GatewayDriver()
    _ = await driver.ask("POST", "/generators/team%2Fother/revoke", fields: Self.json, body: Array("{}".utf8))
    #expect(
      driver.service.calls == [.revokeCredentials(RevokeCredentialsRequest(namespace: "team/other", owner: ""))])
    #expect(await driver.ask("POST", "/generators/team/Password%2Fdatabase").status == 404)
    #expect(await driver.ask("POST", "/generators/team/%72evoke", body: "").status == 404)
  }
}
